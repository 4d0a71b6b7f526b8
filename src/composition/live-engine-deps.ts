import type { SimStore } from '../adapters/broker-sim/store.js';
import type { SteadyClock } from '../adapters/clock/steady-clock.js';
import type { ClockScale } from '../adapters/clock/scaled-clock.js';
import { FileVault } from '../adapters/vault/file-vault.js';
import { runBuildCheck } from '../app/checks/build-check.js';
import { runSelfChecks } from '../app/checks/self-checks.js';
import type { JournalMeter } from '../app/health/timed-journal.js';
import type { WatchOrders } from '../app/health/world-watch.js';
import type { BootChecks } from '../app/live/readiness.js';
import type { SessionMarket } from '../app/live/session-market.js';
import type { BeginSession } from '../app/live/session-runner.js';
import { loadSettings } from '../app/settings/load-settings.js';
import { isInCalendar, LAST_YEAR, nextTradingDay, sessionOf } from '../domain/calendar/nyse.js';
import { nextSession, tradingHoursOf } from '../domain/schedule/trading-hours.js';
import { configError } from '../kernel/errors.js';
import { addDays, dateOf, parseDateText, type Clock } from '../kernel/time.js';
import { NO_ALERTS } from '../ports/alerts.js';
import type { Pacer } from '../ports/pacer.js';
import type { ReferenceData } from '../ports/reference-data.js';
import type { Stopwatch } from '../ports/stopwatch.js';
import type { Vault } from '../ports/vault.js';
import { strategiesToRun } from '../strategies/registry.js';
import type { StrategyContext } from '../strategies/strategy.js';
import type { Settings } from '../domain/config/settings.js';
import { homeChecks } from './home-checks.js';
import type { EngineCore } from './engine-core.js';
import { homeProjections } from './home-projections.js';
import type { MasterKeySource } from './seal-keys.js';
import type { FeedChoice } from './market-source.js';
import { sessionsOf, type TestSeams } from './live-sessions.js';
import { liveWatch } from './live-watch.js';
import { openSimulatedAccount } from './simulated-account.js';
import { simulatedBroker } from './simulated-broker.js';
import { keepWorldFacts, simulatedWorld, type SimulatedWorld } from './simulated-world.js';
import { statementSource } from './statement-source.js';

/** Dependencies of the engine process in a provisioned home. */
export interface LiveEngineDeps {
  readonly checks: BootChecks;
  readonly beginSession: BeginSession;
  readonly market: SessionMarket;
  /** The calendar of the broker, where it has one. */
  readonly broker: Pick<ReferenceData, 'calendar'>;
  /** Runs next to the loop, such as the watchdog. */
  readonly background?: { run(): Promise<void>; stop(): void };
  /** Closes files; called when the loop has ended. */
  close(): void;
}

/** Values and callbacks of the process that `liveEngineDeps` needs in addition to the home. */
export interface LiveEngineDepsOptions {
  readonly masterKeyFile: string | null;
  /** The market data that the bot was started with; left out: an invented market of the bot. */
  readonly feed?: FeedChoice | undefined;
  readonly scale: ClockScale | null;
  readonly steady: SteadyClock;
  readonly journalMeter: JournalMeter;
  /** The time in which the process ran. */
  readonly ranFor: Stopwatch;
  /** Actions that the watchdog may request. */
  readonly orders: WatchOrders;
  readonly testSeams?: TestSeams;
}

/** Builds the dependencies of a provisioned home with the simulated broker, the only broker of this version. */
export async function liveEngineDeps(
  core: EngineCore,
  pacer: Pacer,
  options: LiveEngineDepsOptions,
): Promise<LiveEngineDeps> {
  const { paths, identity, journal, clock } = core;
  const world = await simulatedWorld(journal, identity, options.feed);
  keepWorldFacts(paths.storage.simWorld, world.facts);
  const vault = new FileVault({ paths: paths.storage, clock: pacer, masterKeyFile: options.masterKeyFile });
  const store = openSimulatedAccount(paths, core.state);
  const { scale, steady, journalMeter, ranFor, orders } = options;
  const { watch, background } = await liveWatch({
    ...{ home: paths.home, identity, journal, clock, scale, steady, journalMeter, ranFor, orders },
    brokerHasOwnClock: false,
    alerts: NO_ALERTS,
  });
  const checks = bootChecks(core, {
    vault,
    pacer,
    world,
    store,
    masterKey: { file: () => options.masterKeyFile, clock: pacer },
  });
  return {
    checks,
    beginSession: sessionsOf({ core, pacer, world, store, watch, checks }, options.testSeams ?? {}),
    market: world.market,
    // the exchange of the simulator keeps the embedded calendar
    broker: {},
    background,
    close: () => {
      store.close();
    },
  };
}

interface CheckedWorld {
  readonly vault: Vault;
  readonly pacer: Clock;
  readonly world: SimulatedWorld;
  readonly store: SimStore;
  readonly masterKey: MasterKeySource;
}

function bootChecks(core: EngineCore, { vault, pacer, world, store, masterKey }: CheckedWorld): BootChecks {
  const { paths, identity, identityParts, codes, journal, versionTag } = core;
  const statement = statementSource({ paths, identity, identityParts, codes });
  const projections = homeProjections({ paths, identity, identityParts, codes, statement });
  return {
    settings: (open) => loadSettings(vault, versionTag, open),
    build: (settings) =>
      runBuildCheck(homeChecks({ paths, identity, journal, vault, settings, versionTag, projections, masterKey })),
    modules: (settings) =>
      runSelfChecks({
        settings,
        strategies: strategiesToRun(settings),
        context: nextDay(pacer, settings),
        broker: simulatedBroker(codes, settings, {
          clock: core.clock,
          seed: world.brokerSeed,
          openingCash: world.openingCash,
          store,
        }),
      }),
  };
}

/** More than the days between two sessions. */
const DAYS_AHEAD = 14;
const LAST_CHECKED = parseDateText(`${LAST_YEAR}-12-03`);

/** The current or the next session of the bot; trading windows are checked against its hours. */
function nextDay(clock: Clock, settings: Settings): StrategyContext {
  const today = dateOf(clock.now());
  // a clock outside the calendar is a fault of its own, and none of the strategies'
  const from = isInCalendar(addDays(today, DAYS_AHEAD)) ? today : LAST_CHECKED;
  const ofBot = isInCalendar(today) ? nextSession(clock.now(), tradingHoursOf(settings), undefined) : undefined;
  const day = ofBot ?? sessionOf(from) ?? sessionOf(nextTradingDay(from));
  if (day === undefined) throw noDay(from);
  return { settings, date: day.date, opensAt: day.opensAt, closesAt: day.closesAt };
}

function noDay(today: string): Error {
  return configError({
    code: 'NO_TRADING_DAY',
    message: `the calendar has no trading day after ${today}`,
    remedy: 'Check the clock of this machine.',
  });
}
