import { SimBroker } from '../adapters/broker-sim/sim-broker.js';
import { SqliteSimStore } from '../adapters/broker-sim/sqlite-store.js';
import type { SimFault } from '../adapters/broker-sim/faults.js';
import { FileMarketRecorder } from '../adapters/market-recorder/market-recorder.js';
import { reportDay, type DayReport } from '../app/day/day-report.js';
import { runTradingDay, type DayOutcome } from '../app/day/trading-day.js';
import { sealSession } from '../app/audit/seal-journal.js';
import { exportSession } from '../app/exports/export-books.js';
import type { Settings } from '../domain/config/settings.js';
import type { Decimal } from '../kernel/decimal.js';
import { strategiesToRun } from '../strategies/registry.js';
import type { EngineRuntime } from './engine-runtime.js';
import type { OpenedDay } from '../app/day/open-days.js';
import { simProfileOf } from './sim-profile.js';

export interface RunDaysOptions {
  /** In order, looked up already: see `openDays`. */
  readonly days: readonly OpenedDay[];
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

/** Trades day after day under the virtual clock. */
export async function runDays(runtime: EngineRuntime, options: RunDaysOptions): Promise<readonly DayRun[]> {
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
    for (const [index, day] of options.days.entries()) {
      runs.push(await runOne(runtime, options, { ...day, broker, index }));
    }
    return runs;
  } finally {
    store.close();
  }
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
    appender: runtime.appender,
    state: runtime.state,
    broker: day.broker,
    venue: day.broker,
    brokerSeed: options.brokerSeed,
    clock: runtime.clock,
    calendarDay: day.session,
    market: day.market(),
    projections: runtime.projector,
    books: () => runtime.books(),
    marketRecorder: new FileMarketRecorder(runtime.paths),
    exportSession: () => exportSession(runtime, date),
    sealSession: (closed) => sealSession(runtime.sealing, closed),
    onProgress: (done, total) => {
      options.onProgress(day.index, done, total);
    },
  });
  return { outcome, report: reportDay(date, await runtime.sessionEvents(date)) };
}
