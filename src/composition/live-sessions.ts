import type { SimStore } from '../adapters/broker-sim/store.js';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { LockStepWorld } from '../adapters/sim-world/lock-step-world.js';
import { strategyBudget } from './strategy-budget.js';
import { fencedBroker } from '../app/ownership/fenced-broker.js';
import type { WorldWatch } from '../app/health/world-watch.js';
import { LiveSession } from '../app/live/live-session.js';
import type { BootChecks } from '../app/live/readiness.js';
import { blocksSession } from '../domain/lifecycle/blocking-checks.js';
import type { BeginSession } from '../app/live/session-runner.js';
import type { Settings } from '../domain/config/settings.js';
import { epochMs } from '../kernel/time.js';
import type { Broker } from '../ports/broker.js';
import type { Pacer } from '../ports/pacer.js';
import { ownStrategiesFound, type OwnStrategies } from '../strategies/own/own-strategies.js';
import { strategiesToRun } from '../strategies/registry.js';
import type { Strategy } from '../strategies/strategy.js';
import { awaitLedger } from './await-ledger.js';
import type { EngineCore } from './engine-core.js';
import { homeRecords, sessionDeps } from './session-deps.js';
import { simulatedBroker } from './simulated-broker.js';
import type { SimulatedWorld } from './simulated-world.js';
import { statementSource } from './statement-source.js';
import type { Vendors } from './vendors.js';

/** Replacements for the broker and the strategies of the engine process, for tests. */
export interface TestSeams {
  readonly broker?: (broker: Broker) => Broker;
  readonly strategies?: (settings: Settings) => readonly Strategy[];
  /** The adapters of real brokers and feeds. */
  readonly vendors?: Vendors;
}

export interface LiveWorld {
  readonly core: EngineCore;
  readonly pacer: Pacer;
  readonly world: SimulatedWorld;
  /** Opened by the first session of the simulator. */
  readonly store: () => SimStore;
  /** Wraps broker and market data of the session with the watchdog's view of them. */
  readonly watch: Pick<WorldWatch, 'broker' | 'market'>;
  /** Checked before a manual start in the middle of a session. */
  readonly checks: Pick<BootChecks, 'modules'>;
  /** The own strategies of the home. */
  readonly own: OwnStrategies;
}

/** Sessions of a home with the simulated broker: each has its own venue over the one account. */
export function simulatedSessions(
  { core, pacer, world, store, watch, checks, own }: LiveWorld,
  testSeams: TestSeams,
): BeginSession {
  const { paths, identity, identityParts, codes, state } = core;
  const { brokerSeed, openingCash } = world;
  const statement = statementSource({ paths, identity, identityParts, codes });
  const budget = strategyBudget(paths);
  const projections = { catchUp: () => awaitLedger(paths.output.ledgerDb, state) };
  return (day, { purpose, commands, settings }) => {
    const venueClock = new VirtualClock(epochMs(0));
    const venue = simulatedBroker(codes, settings(), {
      clock: venueClock,
      seed: brokerSeed,
      openingCash,
      store: store(),
    });
    const market = world.feed.openSession(day.date);
    const deps = sessionDeps(core, {
      ...homeRecords(core, 'as they come'),
      strategies: testSeams.strategies?.(settings()) ?? strategiesToRun(settings(), own),
      ownStrategies: ownStrategiesFound(own),
      broker: watch.broker(fencedBroker(testSeams.broker?.(venue) ?? venue, core.effects), false),
      brokerSeed,
      calendarDay: day,
      // what is missing in recorded data was missing in that market: no outage of the feed
      feed: world.market.days === undefined ? watch.market(world.feed, day) : world.feed,
      market,
      world: new LockStepWorld({ venue, clock: venueClock, feed: world.feed, market, day }),
      projections,
      statement,
    });
    const hooks = { checks: async () => (await checks.modules(settings())).filter(blocksSession) };
    return new LiveSession({ ...deps, purpose, commands, settings, pacer, budget, hooks });
  };
}
