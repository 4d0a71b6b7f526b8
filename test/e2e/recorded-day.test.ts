import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SyntheticFeed } from '../../src/adapters/feed-synthetic/synthetic-feed.js';
import { sessionOf } from '../../src/domain/calendar/nyse.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { parseSymbol } from '../../src/events/names.js';
import { parseDateText, toUtcText } from '../../src/kernel/time.js';
import { EngineHome } from '../support/engine-home.js';
import { testNeeding } from '../support/needs.js';
import { marketData } from '../support/shared-data.js';
import { LiveBot, WorldClock } from './support/live-bot.js';
import { buildOnce, done, removeScratch, scratchFolder, tradebot } from './support/program.js';
import { worldSpeed } from './support/world-speed.js';

beforeAll(buildOnce);
afterAll(removeScratch);

const SETTINGS = { SHORT_TYPE_OPEN: 'ShortSell', SHORT_TYPE_MID: 'ShortSell', SHORT_TYPE_CLOSE: 'ShortSell' };
const SET = Object.entries(SETTINGS).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
const SEED = '7';

interface RecordedWorld {
  readonly feed: 'csv' | 'lean';
  readonly data: string;
  readonly symbols: string;
  readonly vix: string;
}

const optionsOf = ({ data, symbols, vix }: RecordedWorld): readonly string[] => [
  ...['--data', data, '--symbols', symbols, '--vix', vix, '--seed', SEED],
];

/** Days of an invented market as CSV files. */
function csvWorld(...dates: readonly string[]): RecordedWorld {
  const data = scratchFolder();
  const symbols = ['TLRX', 'QRVS', 'NOVQ', 'ZYNK'];
  const feed = new SyntheticFeed({ seed: 1, symbols: symbols.map(parseSymbol) });
  const rows = new Map(symbols.map((symbol) => [symbol, ['timestamp,open,high,low,close,volume']]));
  for (const date of dates.map(parseDateText)) {
    const { opensAt, closesAt } = sessionOf(date)!;
    for (const { bars } of feed.openSession(date).slices(opensAt, closesAt)) {
      for (const { symbol, start, open, high, low, close, volume } of bars) {
        const prices = [open, high, low, close].map((price) => (price / 10_000).toFixed(4));
        rows.get(symbol)?.push([toUtcText(start), ...prices, volume].join(','));
      }
    }
  }
  mkdirSync(data, { recursive: true });
  for (const [symbol, lines] of rows) writeFileSync(join(data, `${symbol}.csv`), `${lines.join('\n')}\n`);
  return { feed: 'csv', data, symbols: symbols.join(','), vix: '17' };
}

const FORM = { openingFloat: '100000.00', symbols: ['SPY', 'AAPL'], settings: SETTINGS };
/** A whole day of the world. */
const DAY_WITHIN_MS = 240_000;

const closed =
  (date: string) =>
  (event: RecordedEvent): boolean =>
    event.type === 'SessionClosed' && event.data.date === date;

const isLeftOut =
  (date: string) =>
  (event: RecordedEvent): boolean =>
    event.type === 'SessionLeftOut' && event.data.date === date;

const fillsIn = (texts: readonly string[]): number => texts.filter((text) => text.startsWith('["OrderFilled"')).length;

/** What was decided, ordered and filled in a session, without what numbers the events. */
function traded(events: readonly RecordedEvent[], date: string): readonly string[] {
  const types = ['CandidatesRanked', 'SignalTriggered', 'CandidateRejected', 'TradeBlocked', 'EnhancementBlocked']
    .concat(['OrderIntended', 'OrderFilled', 'PositionOpened', 'PositionClosed', 'TrailingStopMoved'])
    .concat(['ReconciliationCompleted', 'DailySummaryCompiled', 'MarketDataRecorded', 'SessionClosed']);
  return events
    .filter(({ type, meta }) => meta.sessionDate === date && types.includes(type))
    .map(({ type, stream, occurredAt, data }) => {
      const timed = type === 'OrderFilled' || type === 'OrderIntended' || type === 'SignalTriggered';
      return JSON.stringify([type, stream, timed ? occurredAt : '', data]);
    });
}

/** The same day by `tradebot day`. */
async function byDay(world: RecordedWorld, date: string): Promise<readonly RecordedEvent[]> {
  const folder = join(scratchFolder(), 'home');
  const more = ['--date', date, '--cash', '100000.00', '--identity', 'DEMO_US_SIM_B01'];
  await done('day', ...optionsOf(world), ...more, ...SET, '--home', folder);
  return EngineHome.at(folder).events();
}

/** The world starts long before the open, so that a busy machine has time to start the bot. */
const SPEED = 4_000;

/** A running bot on recorded days, until an event; its journal afterwards. */
async function live(
  world: RecordedWorld,
  from: string,
  last: (event: RecordedEvent) => boolean,
): Promise<{ readonly events: readonly RecordedEvent[]; readonly home: string; readonly printed: string }> {
  const args = ['--feed', world.feed, ...optionsOf(world)];
  const home = await EngineHome.make(scratchFolder(), from, FORM);
  const bot = new LiveBot(home.made.home, new WorldClock(from, worldSpeed(SPEED)), args);
  try {
    await bot.start();
    await home.until('the last event', last, { patienceMs: DAY_WITHIN_MS });
    return { events: await home.events(), home: bot.home, printed: bot.printed };
  } finally {
    await bot.stop();
  }
}

describe('a running bot trades recorded days', () => {
  test('orders, fills and books are those of tradebot day, and a day without data is left out', async () => {
    const date = '2026-01-06';
    const world = csvWorld(date, '2026-01-08');
    const bot = await live(world, '2026-01-05T00:00:00.000Z', isLeftOut('2026-01-07'));
    const day = await byDay(world, date);
    expect(traded(bot.events, date)).toEqual(traded(day, date));
    expect(fillsIn(traded(day, date))).toBeGreaterThan(3);
    const left = bot.events.find(isLeftOut('2026-01-07'));
    expect(left?.data).toMatchObject({ reason: expect.stringContaining('2026-01-07'), nextSession: '2026-01-08' });
    expect(bot.printed).toContain('Recorded days (csv) of TLRX, QRVS, NOVQ, ZYNK: 2026-01-06, 2026-01-08.');
    const { out } = await tradebot('status', '--json', '--home', bot.home);
    expect(out).toContain('no session on 2026-01-07');
    expect((await tradebot('rebuild', 'all', '--check', '--home', bot.home)).code).toBe(0);
    const replayed = await done<{ readonly firstDifference: unknown }>(
      'what-if',
      '--session',
      date,
      '--home',
      bot.home,
    );
    expect(replayed.firstDifference).toBeNull();
  });

  testNeeding(marketData)('a real day has the orders, fills and books of tradebot day', async () => {
    const date = '2013-10-07';
    const world: RecordedWorld = { feed: 'lean', data: marketData.path, symbols: 'SPY,AIG,BAC,IBM', vix: '17' };
    const bot = await live(world, '2013-10-06T00:00:00.000Z', closed(date));
    const day = await byDay(world, date);
    expect(traded(bot.events, date)).toEqual(traded(day, date));
    expect(fillsIn(traded(day, date))).toBeGreaterThan(1);
  });
});
