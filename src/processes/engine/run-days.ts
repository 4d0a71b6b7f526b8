import { SimBroker } from '../../adapters/broker-sim/sim-broker.js';
import { SqliteSimStore } from '../../adapters/broker-sim/sqlite-store.js';
import type { SimFault } from '../../adapters/broker-sim/faults.js';
import { FileMarketRecorder } from '../../adapters/market-recorder/market-recorder.js';
import { reportDay, type DayReport } from '../../app/day/day-report.js';
import { runTradingDay, type DayOutcome } from '../../app/day/trading-day.js';
import { exportSession } from '../../app/exports/export-books.js';
import { nextTradingDay, closedReason, sessionOf, type ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Settings } from '../../domain/config/settings.js';
import { Decimal } from '../../kernel/decimal.js';
import { configError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { MarketDataFeed, RecordedSession } from '../../ports/market-data.js';
import { strategiesToRun } from '../../strategies/registry.js';
import type { EngineRuntime } from './engine-runtime.js';
import { simProfileOf } from './sim-profile.js';

export interface RunDaysOptions {
  readonly feed: MarketDataFeed;
  /** The first day, and how many trading days from it. */
  readonly from: DateText;
  readonly days: number;
  readonly settings: Settings;
  readonly brokerSeed: number;
  /** What the simulated account holds when it is opened. */
  readonly openingCash: Decimal;
  readonly faults?: readonly SimFault[];
  /** Days before this one, minutes played of it, minutes of it in all. */
  readonly onProgress: (day: number, done: number, total: number) => void;
}

export interface DayRun {
  readonly outcome: DayOutcome;
  readonly report: DayReport;
}

/** Trades day after day under the virtual clock. All days are looked up before the first is traded. */
export async function runDays(runtime: EngineRuntime, options: RunDaysOptions): Promise<readonly DayRun[]> {
  const days = openDays(options);
  const store = new SqliteSimStore(runtime.paths.storage.simBrokerDb);
  try {
    const broker = new SimBroker({
      accountId: runtime.codes.account,
      clock: runtime.clock,
      seed: options.brokerSeed,
      openingCash: options.openingCash,
      profile: simProfileOf(options.settings),
      store,
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
    const runs: DayRun[] = [];
    for (const [index, { session, market }] of days.entries()) {
      runs.push(await runOne(runtime, options, { broker, session, market, index }));
    }
    return runs;
  } finally {
    store.close();
  }
}

interface OpenedDay {
  readonly session: ExchangeSession;
  readonly market: RecordedSession;
}

/** Trading days of the exchange that the settings want too; a first day that is none is refused by name. */
function openDays(options: RunDaysOptions): readonly OpenedDay[] {
  const first = sessionOf(options.from);
  if (first === undefined || !tradesOn(options.settings, options.from)) {
    const why = closedReason(options.from) ?? 'its weekday is not in TRADING_DAYS';
    throw configError({
      code: 'EXCHANGE_CLOSED',
      message: `there is no trading on ${options.from}: ${why}`,
      remedy: `Choose a trading day; the next one is ${nextTradingDay(options.from)}.`,
    });
  }
  const days: OpenedDay[] = [];
  for (let date = options.from; days.length < options.days; date = nextTradingDay(date)) {
    const session = sessionOf(date);
    if (session === undefined || !tradesOn(options.settings, date)) continue;
    days.push({ session, market: options.feed.openSession(date) });
  }
  return days;
}

const WEEKDAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

function tradesOn(settings: Settings, date: DateText): boolean {
  const weekday = WEEKDAY_NAMES[new Date(`${date}T00:00:00.000Z`).getUTCDay()];
  return settings.TRADING_DAYS.some((wanted) => wanted === weekday);
}

async function runOne(
  runtime: EngineRuntime,
  options: RunDaysOptions,
  day: OpenedDay & { readonly broker: SimBroker; readonly index: number },
): Promise<DayRun> {
  const { date } = day.session;
  const outcome = await runTradingDay({
    identity: runtime.identity,
    codes: runtime.codes,
    versionTag: runtime.versionTag,
    settings: options.settings,
    strategies: strategiesToRun(options.settings),
    journal: runtime.journal,
    recorder: runtime.recorder,
    state: runtime.state,
    broker: day.broker,
    venue: day.broker,
    brokerSeed: options.brokerSeed,
    clock: runtime.clock,
    calendarDay: day.session,
    market: day.market,
    projections: runtime.projector,
    books: () => runtime.books(),
    marketRecorder: new FileMarketRecorder(runtime.paths),
    exportSession: () => exportSession(runtime, date),
    onProgress: (done, total) => {
      options.onProgress(day.index, done, total);
    },
  });
  return { outcome, report: reportDay(date, await runtime.sessionEvents(date)) };
}
