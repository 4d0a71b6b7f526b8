import type { SimBroker } from '../adapters/broker-sim/sim-broker.js';
import type { SimFault } from '../adapters/broker-sim/faults.js';
import { LockStepWorld } from '../adapters/sim-world/lock-step-world.js';
import { reportDay, type DayReport } from '../app/day/day-report.js';
import { runTradingDay, type DayOutcome } from '../app/day/trading-day.js';
import { fencedBroker } from '../app/ownership/fenced-broker.js';
import type { Settings } from '../domain/config/settings.js';
import type { Decimal } from '../kernel/decimal.js';
import { NO_OWN_STRATEGIES, ownStrategiesFound, type OwnStrategies } from '../strategies/own/own-strategies.js';
import { strategiesToRun } from '../strategies/registry.js';
import type { EngineRuntime } from './engine-runtime.js';
import type { OpenedDay } from '../app/day/open-days.js';
import { homeRecords, sessionDeps } from './session-deps.js';
import { settledProjections } from './settled-projections.js';
import { openSimulatedAccount } from './simulated-account.js';
import { simulatedBroker } from './simulated-broker.js';

export interface RunDaysOptions {
  /** Trading days in order, already opened: see `openDays`. */
  readonly days: readonly OpenedDay[];
  readonly settings: Settings;
  /** The own strategies of the home. */
  readonly own?: OwnStrategies;
  readonly brokerSeed: number;
  /** Initial cash of the simulated account. */
  readonly openingCash: Decimal;
  readonly faults?: readonly SimFault[];
  /** Days before this one, minutes of it that are played, minutes of it in total. */
  readonly onProgress: (day: number, done: number, total: number) => void;
}

export interface DayRun {
  readonly outcome: DayOutcome;
  readonly report: DayReport;
}

/** Trades day after day under the virtual clock. */
export async function runDays(runtime: EngineRuntime, options: RunDaysOptions): Promise<readonly DayRun[]> {
  const store = openSimulatedAccount(runtime.paths, runtime.state);
  try {
    const broker = simulatedBroker(runtime.codes, options.settings, {
      clock: runtime.clock,
      seed: options.brokerSeed,
      openingCash: options.openingCash,
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
  const { settings, brokerSeed, own = NO_OWN_STRATEGIES } = options;
  const { broker, feed, session: calendarDay } = day;
  const market = day.market();
  const deps = sessionDeps(runtime, {
    ...homeRecords(runtime, 'at the close'),
    strategies: strategiesToRun(settings, own),
    ownStrategies: ownStrategiesFound(own),
    broker: fencedBroker(broker, runtime.effects),
    brokerSeed,
    calendarDay,
    feed,
    market,
    world: new LockStepWorld({ venue: broker, clock: runtime.clock, feed, market, day: calendarDay }),
    projections: settledProjections(runtime.projector),
    statement: runtime.statement,
  });
  const onProgress = (done: number, total: number): void => options.onProgress(day.index, done, total);
  const outcome = await runTradingDay({ ...deps, settings, onProgress });
  await runtime.projector.settle();
  return { outcome, report: reportDay(date, await runtime.sessionEvents(date)) };
}
