import { type Bar, type MarketSlice, type QuoteBar, price } from '../../../src/domain/market/types.js';
import { parseClientOrderId, parseSymbol, type TickerSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { MINUTE_MS, parseDateText, parseUtcText, plusMs, type Clock, type EpochMs } from '../../../src/kernel/time.js';
import type { BrokerStatus } from '../../../src/ports/broker-connection.js';
import type { BrokerFill, BrokerUpdate, OrderRequest } from '../../../src/ports/order-entry.js';
import type { VenueSession } from '../../../src/adapters/broker-sim/venue.js';
import type { SimFault } from '../../../src/adapters/broker-sim/faults.js';
import { DEFAULT_SIM_PROFILE, type SimProfile } from '../../../src/adapters/broker-sim/profile.js';
import { SimBroker } from '../../../src/adapters/broker-sim/sim-broker.js';
import { MemorySimStore, type SimStore } from '../../../src/adapters/broker-sim/store.js';

export const SPY = parseSymbol('SPY');
export const BAC = parseSymbol('BAC');
export const OPENS_AT = parseUtcText('2013-10-07T13:30:00.000Z');

export const dec = (text: string): Decimal => Decimal.parse(text);
export const minuteStart = (index: number): EpochMs => plusMs(OPENS_AT, index * MINUTE_MS);

/** No randomness: every figure of a test can be checked by hand. */
export const PLAIN_PROFILE: SimProfile = {
  ...DEFAULT_SIM_PROFILE,
  latencyMs: 200,
  latencyJitterMs: 0,
  slippageType: 'none',
  partialFillProbability: 0,
  rejectProbability: 0,
  maxParticipation: 1,
};

export class TestClock implements Clock {
  constructor(private at: EpochMs) {}
  now(): EpochMs {
    return this.at;
  }
  moveTo(at: EpochMs): void {
    if (at < this.at) throw new Error(`the clock went back from ${this.at} to ${at}`);
    this.at = at;
  }
}

/** Dollars to a market price. */
export const px = (dollars: number): Bar['open'] => price(Math.round(dollars * 10_000));

export interface MinuteSpec {
  /** Open, high, low, close in dollars. */
  readonly ohlc?: readonly [number, number, number, number];
  readonly volume?: number;
  /** Quotes alone. */
  readonly noBar?: boolean;
  /** Full spread in dollars; no quotes when absent. */
  readonly spread?: number;
  readonly halted?: boolean;
}

/** A minute of one symbol; an empty spec is a minute without data. */
export function minute(index: number, specs: Readonly<Record<string, MinuteSpec>>): MarketSlice {
  const start = minuteStart(index);
  const bars: Bar[] = [];
  const quotes: QuoteBar[] = [];
  const halted: TickerSymbol[] = [];
  for (const [name, spec] of Object.entries(specs)) {
    const symbol = parseSymbol(name);
    if (spec.halted === true) halted.push(symbol);
    if (spec.ohlc === undefined) continue;
    const [open, high, low, close] = spec.ohlc;
    const volume = spec.volume ?? 100_000;
    if (spec.noBar !== true) {
      bars.push({ symbol, start, open: px(open), high: px(high), low: px(low), close: px(close), volume });
    }
    if (spec.spread === undefined) continue;
    const half = spec.spread / 2;
    const side = (sign: 1 | -1): QuoteBar['bid'] => ({
      open: px(open + sign * half),
      high: px(high + sign * half),
      low: px(low + sign * half),
      close: px(close + sign * half),
    });
    quotes.push({ symbol, start, bid: side(-1), ask: side(1), bidSize: 300, askSize: 300 });
  }
  return { start, end: plusMs(start, MINUTE_MS), bars, quotes, halted, vix: undefined };
}

export const flat = (dollars: number, volume = 100_000): MinuteSpec => ({
  ohlc: [dollars, dollars, dollars, dollars],
  volume,
  spread: 0.02,
});

export function order(
  id: string,
  quantity: string | null,
  more: Partial<Omit<OrderRequest, 'clientOrderId' | 'quantity'>> = {},
): OrderRequest {
  return {
    clientOrderId: parseClientOrderId(id),
    symbol: SPY,
    side: 'buy',
    positionEffect: 'open_long',
    quantity: quantity === null ? null : dec(quantity),
    notional: null,
    orderType: 'market',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'day',
    ...more,
  };
}

export const SELL_LONG = { side: 'sell', positionEffect: 'close_long' } as const;
export const SELL_SHORT = { side: 'sell', positionEffect: 'open_short' } as const;
export const COVER = { side: 'buy', positionEffect: 'close_short' } as const;

export interface RigOptions {
  readonly profile?: Partial<SimProfile>;
  readonly faults?: readonly SimFault[];
  readonly store?: SimStore;
  readonly cash?: string;
  readonly seed?: number;
  readonly date?: string;
  readonly minutes?: number;
}

/** One broker, its clock, and everything that it reported; drives the venue as the loop of the engine does. */
export class Rig {
  readonly clock = new TestClock(plusMs(OPENS_AT, -MINUTE_MS));
  readonly broker: SimBroker;
  readonly reported: BrokerUpdate[] = [];
  readonly statuses: BrokerStatus[] = [];
  readonly session: VenueSession;
  /** Called after each event; a test reacts to updates here. */
  onUpdate: (update: BrokerUpdate) => Promise<void> = () => Promise.resolve();

  constructor(options: RigOptions = {}) {
    this.broker = new SimBroker({
      accountId: 'SIM-1',
      clock: this.clock,
      seed: options.seed ?? 1,
      openingCash: dec(options.cash ?? '100000.00'),
      profile: { ...PLAIN_PROFILE, ...options.profile },
      store: options.store ?? new MemorySimStore(),
      faults: options.faults ?? [],
    });
    this.session = {
      date: parseDateText(options.date ?? '2013-10-07'),
      opensAt: OPENS_AT,
      closesAt: minuteStart(options.minutes ?? 10),
      references: [SPY, BAC].map((symbol) => ({
        symbol,
        previousClose: px(symbol === SPY ? 100 : 10),
        previousVolume: 1_000_000,
        marketCap: undefined,
      })),
    };
    this.broker.orderUpdates$.subscribe((update) => this.reported.push(update));
    this.broker.status$.subscribe((status) => this.statuses.push(status));
  }

  async open(): Promise<this> {
    await this.broker.connect();
    this.broker.openSession(this.session);
    return this;
  }

  /** Plays a minute: `act` at its first instant, as the bot does that has just seen the minute before. */
  async play(
    slice: MarketSlice,
    act: (broker: SimBroker) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> {
    this.clock.moveTo(slice.start);
    await act(this.broker);
    this.broker.openMinute(slice);
    for (let at = this.broker.nextAt(); at !== undefined; at = this.broker.nextAt()) {
      this.clock.moveTo(at);
      const before = this.reported.length;
      this.broker.advanceTo(at);
      for (const update of this.reported.slice(before)) await this.onUpdate(update);
    }
  }

  async close(): Promise<void> {
    this.clock.moveTo(this.session.closesAt);
    this.broker.closeSession();
    await Promise.resolve();
  }

  kinds(): readonly string[] {
    return this.reported.map((update) => update.kind);
  }

  fills(): readonly (BrokerUpdate & BrokerFill)[] {
    return this.reported.filter((update): update is BrokerUpdate & BrokerFill => update.kind === 'filled');
  }
}
