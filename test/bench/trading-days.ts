import { LOCKED_HOME } from '../../src/app/ownership/effects-guard.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { EMBEDDED } from '../../src/domain/config/journal-address.js';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SIM_PROFILE } from '../../src/adapters/broker-sim/profile.js';
import { SimBroker } from '../../src/adapters/broker-sim/sim-broker.js';
import { MemorySimStore } from '../../src/adapters/broker-sim/store.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SyntheticFeed } from '../../src/adapters/feed-synthetic/synthetic-feed.js';
import { openHome } from '../../src/adapters/home/home.js';
import { MemoryJournal } from '../../src/adapters/journal-memory/memory-journal.js';
import { runTradingDay } from '../../src/app/day/trading-day.js';
import { EngineAppender } from '../../src/app/journal/engine-appender.js';
import { nextTradingDay, sessionOf, type ExchangeSession } from '../../src/domain/calendar/nyse.js';
import { parseSettings } from '../../src/domain/config/settings.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { invariant } from '../../src/kernel/errors.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { epochMs, parseDateText } from '../../src/kernel/time.js';
import { LockStepWorld } from '../../src/adapters/sim-world/lock-step-world.js';
import { NO_RECORDER } from '../support/no-recorder.js';
import type { RecordedSession } from '../../src/ports/market-data.js';
import { openRuntime } from '../../src/composition/engine-runtime.js';
import { runDays } from '../../src/composition/run-days.js';
import { strategiesToRun } from '../../src/strategies/registry.js';
import type { Strategy } from '../../src/strategies/strategy.js';
import { booksOf, CODES, PARTS } from '../simulation/support/day-harness.js';

const SEED = 7;
const FIRST = parseDateText('2026-01-06');
const CASH = Decimal.parse('100000.00');

/** Trading days that are made before the clock of the bench starts. */
export interface PreparedDays {
  readonly days: readonly { readonly session: ExchangeSession; readonly market: RecordedSession }[];
  readonly feed: SyntheticFeed;
  readonly bars: number;
  readonly symbols: number;
}

/** What a run did: bars are those of the days, the rest is counted in the journal's fold. */
export interface RunFigures {
  readonly events: number;
  readonly fills: number;
}

/** The invented market of the demo, all symbols. */
export function prepareDays(count: number): PreparedDays {
  const feed = new SyntheticFeed({ seed: SEED });
  const days: PreparedDays['days'][number][] = [];
  for (let date = FIRST; days.length < count; date = nextTradingDay(date)) {
    const session = sessionOf(date);
    invariant(session !== undefined, 'BENCH_DAY', `${date} is not a trading day`);
    days.push({ session, market: feed.openSession(date) });
  }
  let bars = 0;
  for (const { session, market } of days) {
    for (const slice of market.slices(session.opensAt, session.closesAt)) bars += slice.bars.length;
  }
  return { days, feed, bars, symbols: days[0]?.market.references.length ?? 0 };
}

/** The yardstick: the same bars, parsed already, in one loop that adds up their closes. */
export function bareLoop({ days }: PreparedDays): number {
  let sum = 0;
  for (const { session, market } of days) {
    for (const { bars } of market.slices(session.opensAt, session.closesAt)) for (const bar of bars) sum += bar.close;
  }
  return sum;
}

/** The command's own path: a new home, SQLite journal with a durable commit an append, every projection, every file. */
export async function tradeWithFiles(prepared: PreparedDays, dir = benchHome()): Promise<RunFigures> {
  const home = openHome({ dir, newFor: PARTS, create: true, version: 'bench' });
  const runtime = await openRuntime({ ...home, versionTag: 'bench', address: EMBEDDED });
  try {
    const ran = await runDays(runtime, {
      days: prepared.days.map(({ session, market }) => ({ session, market: () => market, feed: prepared.feed })),
      settings: parseSettings({}),
      brokerSeed: SEED,
      openingCash: CASH,
      onProgress: () => undefined,
    });
    invariant(
      ran.every(({ report }) => report.reconciliation?.ok === true),
      'BENCH_BOOKS',
      'a day did not reconcile',
    );
    const fills = ran.reduce((sum, { report }) => sum + report.fills, 0);
    return { events: runtime.state.eventCount, fills };
  } finally {
    await runtime.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

export function benchHome(): string {
  return mkdtempSync(join(tmpdir(), 'tradebot-bench-'));
}

/** The same engine and broker over a journal in memory; no projection and no file. */
export async function tradeInMemory(
  { days, feed }: PreparedDays,
  given: { readonly settings?: Readonly<Record<string, string>>; readonly strategies?: readonly Strategy[] } = {},
): Promise<RunFigures> {
  const settings = parseSettings(given.settings ?? {});
  const clock = new VirtualClock(epochMs(0));
  const identity = composeBotIdentity(PARTS);
  const state = new EngineState(CODES);
  const journal = new MemoryJournal({ clock });
  const appender = new EngineAppender({ journal, clock, identity, actor: 'system:engine', state });
  const broker = new SimBroker({
    accountId: CODES.account,
    clock,
    seed: SEED,
    openingCash: CASH,
    profile: DEFAULT_SIM_PROFILE,
    store: new MemorySimStore(),
  });
  let fills = 0;
  const counting = broker.orderUpdates$.subscribe((update) => {
    if (update.kind === 'filled') fills += 1;
  });
  for (const { session, market } of days) {
    await runTradingDay({
      identity,
      codes: CODES,
      versionTag: 'bench',
      settings,
      strategies: given.strategies ?? strategiesToRun(settings),
      journal,
      appender,
      effects: LOCKED_HOME,
      state,
      broker,
      brokerSeed: SEED,
      clock,
      calendarDay: session,
      feed,
      market,
      world: new LockStepWorld({ venue: broker, clock, feed, market, day: session }),
      projections: { catchUp: () => Promise.resolve() },
      books: () => booksOf(state),
      marketRecorder: NO_RECORDER,
      exportSession: () => Promise.resolve(),
      sealSession: () => Promise.resolve(),
      onProgress: () => undefined,
    });
  }
  counting.unsubscribe();
  return { events: state.eventCount, fills };
}
