import { SyntheticFeed } from '../../adapters/feed-synthetic/synthetic-feed.js';
import type { TestHomes } from '../../adapters/home/test-homes.js';
import { sealSession } from '../../app/audit/seal-journal.js';
import { rehearsalSession } from '../../app/test-mode/rehearsal-day.js';
import type { TestResult } from '../../app/test-mode/test-run.js';
import { STRATEGY_NAMES } from '../../domain/config/configured-strategies.js';
import { EMBEDDED } from '../../domain/config/journal-address.js';
import type { Settings } from '../../domain/config/settings.js';
import type { EventType, RecordedEvent } from '../../events/event.js';
import { parseSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import type { Clock } from '../../kernel/time.js';
import type { ReplayedFeed } from '../../ports/market-data.js';
import { openRuntime, type EngineRuntime } from '../../composition/engine-runtime.js';
import { openDays } from '../../app/day/open-days.js';
import { runDays, type DayRun } from '../../composition/run-days.js';

export interface DryRunDeps {
  readonly homes: TestHomes;
  readonly runId: string;
  readonly versionTag: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

const OPENING_CASH = Decimal.parse('100000.00');
/** Any figure will do; the same one makes the same day. */
const DRY_RUN_SEED = 20;
const TAG = 'TEST_MODE';

export interface DryRun {
  readonly paths: HomePaths;
  readonly day: DayRun;
  readonly events: readonly RecordedEvent[];
  readonly balanced: boolean;
  readonly verified: boolean;
  /** Projections that differ from what the journal gives. */
  readonly differ: readonly string[];
}

export function testFeed(settings: Settings, seed = DRY_RUN_SEED): ReplayedFeed {
  return new SyntheticFeed({
    seed,
    symbols: settings.SCREENER_TEST_MODE_UNIVERSE.map(parseSymbol),
    unknownTickers: 'invent',
  });
}

/** A whole session in a home of its own (RUN-35): made-up market, simulated venue, journal, books and outputs. */
export async function dryRun(deps: DryRunDeps, name: string): Promise<DryRun> {
  const { homes, runId, versionTag, settings, clock } = deps;
  const home = homes.make(runId, name);
  const days = openDays({ feed: testFeed(settings), settings, from: rehearsalSession(clock.now()).date, days: 1 });
  const runtime = await openRuntime({ ...home, versionTag, address: EMBEDDED });
  try {
    const progress = progressTo(deps.log, name);
    const [day] = await runDays(runtime, {
      ...{ days, settings, brokerSeed: DRY_RUN_SEED, openingCash: OPENING_CASH },
      onProgress: (_day, done, total) => progress(done, total),
    });
    invariant(day !== undefined, 'DRY_RUN_EMPTY', 'the dry run played no day');
    await sealSession(runtime.sealing, day.report.date);
    await runtime.projector.catchUp();
    return { paths: home.paths, day, ...(await looked(runtime)) };
  } finally {
    await runtime.close();
  }
}

async function looked(runtime: EngineRuntime): Promise<Omit<DryRun, 'paths' | 'day'>> {
  const { journal, projector } = runtime;
  const check = await projector.check('all');
  const books = runtime.books();
  try {
    return {
      events: await journal.readAll({ limit: 1_000_000 }),
      balanced: books.isBalanced(),
      verified: (await journal.verify()).ok,
      differ: check.projections.filter(({ ok }) => !ok).map(({ name }) => name),
    };
  } finally {
    books.close();
  }
}

function progressTo(log: DryRunDeps['log'], name: string): (done: number, total: number) => void {
  let reported = 0;
  return (done, total) => {
    const tenth = Math.floor((10 * done) / total);
    if (tenth === reported) return;
    reported = tenth;
    log(`${TAG} ${name}: ${tenth * 10} % of the session played`);
  };
}

/** What a whole session must show, thing by thing. */
export function dryRunResults({ day, events, balanced, verified, differ, paths }: DryRun): readonly TestResult[] {
  const { report } = day;
  const count = (type: EventType): number => events.filter((event) => event.type === type).length;
  const ran = new Set(events.flatMap((event) => (event.type === 'StrategyEnded' ? [String(event.data.strategy)] : [])));
  const missing = STRATEGY_NAMES.filter((name) => !ran.has(name));
  const untagged = events.filter((event) => !event.meta.botIdentity.startsWith(TAG)).length;
  const { reconciliation } = report;
  return [
    result('session', report.outcome === 'completed', `${events.length} events, ${report.outcome}`),
    result(
      'strategies',
      missing.length === 0,
      missing.length === 0 ? `all ${STRATEGY_NAMES.length} ran` : `did not run: ${missing.join(', ')}`,
    ),
    result(
      'orders',
      true,
      `${report.signals} signals, ${report.orders} orders, ${report.fills} fills, none of them real`,
    ),
    result('books', balanced, balanced ? `balanced, ${count('OrderFilled')} fills booked` : 'the books do not balance'),
    result(
      'reconciliation',
      reconciliation?.ok === true,
      reconciliation?.ok === true ? 'books and venue agree' : 'differ',
    ),
    result('journal', verified, verified ? 'the chain is whole' : 'the chain is broken'),
    result('outputs', differ.length === 0, differ.length === 0 ? 'rebuild alike' : `differ: ${differ.join(', ')}`),
    result('tags', untagged === 0 && paths.output.bot.includes(TAG), `${events.length - untagged} events say ${TAG}`),
  ];
}

export const result = (check: string, ok: boolean, detail: string): TestResult => ({ check, ok, detail });
