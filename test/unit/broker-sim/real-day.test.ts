import { expect } from '@jest/globals';
import { DEFAULT_SIM_PROFILE } from '../../../src/adapters/broker-sim/profile.js';
import { SimBroker } from '../../../src/adapters/broker-sim/sim-broker.js';
import { MemorySimStore } from '../../../src/adapters/broker-sim/store.js';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import type { MarketSlice } from '../../../src/domain/market/types.js';
import { parseSymbol } from '../../../src/events/names.js';
import { parseDateText, parseUtcText } from '../../../src/kernel/time.js';
import type { BrokerFill, BrokerUpdate } from '../../../src/ports/order-entry.js';
import { testNeeding } from '../../support/needs.js';
import { marketData } from '../../support/shared-data.js';
import { dec, order, SELL_LONG, SELL_SHORT, COVER, TestClock } from './harness.js';

const SYMBOLS = ['SPY', 'AIG', 'BAC', 'IBM'].map(parseSymbol);
const OPENS = parseUtcText('2013-10-07T13:30:00.000Z');
const CLOSES = parseUtcText('2013-10-07T20:00:00.000Z');

interface RealDay {
  readonly fills: readonly (BrokerUpdate & BrokerFill)[];
  readonly rejects: number;
  readonly slices: readonly MarketSlice[];
  readonly flat: boolean;
}

/** Every 13th minute an order in the next symbol, in and out, long and short by turns. */
async function tradeRealDay(): Promise<RealDay> {
  const clock = new TestClock(OPENS);
  const session = new LeanFeed({ root: marketData.path, symbols: SYMBOLS }).openSession(parseDateText('2013-10-07'));
  const broker = new SimBroker({
    accountId: 'SIM-1',
    clock,
    seed: 3,
    openingCash: dec('500000.00'),
    profile: DEFAULT_SIM_PROFILE,
    store: new MemorySimStore(),
  });
  const fills: (BrokerUpdate & BrokerFill)[] = [];
  let rejects = 0;
  broker.orderUpdates$.subscribe((update) => {
    if (update.kind === 'filled') fills.push(update);
    if (update.kind === 'rejected') rejects += 1;
  });
  await broker.connect();
  broker.openSession({ date: session.date, opensAt: OPENS, closesAt: CLOSES, references: session.references });
  const slices = [...session.slices(OPENS, CLOSES)];
  for (const [index, slice] of slices.entries()) {
    clock.moveTo(slice.start);
    if (index % 13 === 0 && index < 380) {
      const turn = index / 13;
      const short = turn % 4 >= 2;
      const effect = turn % 2 === 0 ? (short ? SELL_SHORT : {}) : short ? COVER : SELL_LONG;
      const symbol = SYMBOLS[Math.floor(turn / 2) % SYMBOLS.length] ?? parseSymbol('SPY');
      await broker.submit(order(`r-${turn}`, '300', { ...effect, symbol }));
    }
    broker.openMinute(slice);
    for (let at = broker.nextAt(); at !== undefined; at = broker.nextAt()) {
      clock.moveTo(at);
      broker.advanceTo(at);
    }
  }
  clock.moveTo(CLOSES);
  broker.closeSession();
  return { fills, rejects, slices, flat: (await broker.positions()).length === 0 };
}

testNeeding(marketData)('a recorded day: price and size of every fill existed in its minute', async () => {
  const day = await tradeRealDay();
  expect(day.rejects).toBe(0);
  expect(day.flat).toBe(true);
  expect(day.fills.length).toBeGreaterThanOrEqual(30);
  for (const fill of day.fills) {
    const slice = day.slices.find(({ start, end }) => fill.at >= start && fill.at < end);
    const bar = slice?.bars.find(({ symbol }) => symbol === fill.symbol);
    const dollars = fill.price.toApproximateNumber();
    // the trade range, and at most 0.3 % for half the spread, slippage and the rounding to a cent
    expect(dollars).toBeLessThanOrEqual(((bar?.high ?? 0) / 10_000) * 1.003 + 0.01);
    expect(dollars).toBeGreaterThanOrEqual(((bar?.low ?? 0) / 10_000) * 0.997 - 0.01);
    expect(fill.quantity.toApproximateNumber()).toBeLessThanOrEqual(Math.max(1, (bar?.volume ?? 0) * 0.1));
  }
});
