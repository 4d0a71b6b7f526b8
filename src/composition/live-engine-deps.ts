import type { SqliteSimStore } from '../adapters/broker-sim/sqlite-store.js';
import type { SteadyClock } from '../adapters/clock/steady-clock.js';
import type { ClockScale } from '../adapters/clock/scaled-clock.js';
import { loadOwnStrategies } from '../adapters/own-strategies/load-own-strategies.js';
import { FileVault } from '../adapters/vault/file-vault.js';
import { startChecks } from '../app/broker-check/start-checks.js';
import type { JournalMeter } from '../app/health/timed-journal.js';
import type { WatchOrders } from '../app/health/world-watch.js';
import type { BootChecks } from '../app/live/readiness.js';
import { brokerFigures } from '../app/live/broker-figures.js';
import { haltFigures } from '../app/live/held-halts.js';
import { closingFigures } from '../app/live/time-to-flat.js';
import type { SessionMarket } from '../app/live/session-market.js';
import type { BeginSession } from '../app/live/session-runner.js';
import { parseSymbol } from '../events/names.js';
import { sessionSymbols } from './session-symbols.js';
import type { Settings } from '../domain/config/settings.js';
import { shortSellersOf } from '../domain/config/short-sellers.js';
import { configError } from '../kernel/errors.js';
import { NO_ALERTS } from '../ports/alerts.js';
import type { BrokerConnection } from '../ports/broker-connection.js';
import type { DateText } from '../kernel/time.js';
import type { Pacer } from '../ports/pacer.js';
import type { ReferenceData } from '../ports/reference-data.js';
import type { Stopwatch } from '../ports/stopwatch.js';
import { bootChecks } from './boot-checks.js';
import { BrokerChoice } from './broker-choice.js';
import { checkedAgain } from './checked-again.js';
import { ChosenMarket } from './chosen-market.js';
import type { EngineCore } from './engine-core.js';
import type { FeedChoice } from './market-source.js';
import { simulatedSessions, type TestSeams } from './live-sessions.js';
import { liveWatch } from './live-watch.js';
import { answerWithin, RealAccount } from './real-account.js';
import { rawFramesOf } from './raw-frames-of.js';
import { realSessions } from './real-sessions.js';
import { openSimulatedAccount } from './simulated-account.js';
import { simulatedBroker } from './simulated-broker.js';
import { keepWorldFacts, simulatedWorld, type SimulatedWorld } from './simulated-world.js';

/** Dependencies of the engine process in a provisioned home. */
export interface LiveEngineDeps {
  readonly checks: BootChecks;
  readonly beginSession: BeginSession;
  readonly market: SessionMarket;
  /** The calendar of the broker, where it has one. */
  readonly broker: Pick<ReferenceData, 'calendar'>;
  /** Runs next to the loop, such as the watchdog. */
  readonly background?: { run(): Promise<void>; stop(): void };
  /** What the process says of market data and closing. */
  figures(): Readonly<Record<string, string>>;
  /** Closes files and connections; called when the loop has ended. */
  close(): Promise<void>;
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

/** Builds the dependencies of a provisioned home: the simulator, or the broker and the feed that its settings name. */
export async function liveEngineDeps(
  core: EngineCore,
  pacer: Pacer,
  options: LiveEngineDepsOptions,
): Promise<LiveEngineDeps> {
  const { paths, identity, journal, clock } = core;
  const { scale, steady, journalMeter, ranFor, orders, masterKeyFile, testSeams = {} } = options;
  const world = await simulatedWorld(journal, identity, options.feed);
  const vault = new FileVault({ paths: paths.storage, clock: pacer, masterKeyFile });
  const choice = new BrokerChoice({ vault, state: core.state, versionTag: core.versionTag });
  const store = accountOnce(core);
  if (choice.broker === 'SIM') {
    keepWorldFacts(paths.storage.simWorld, world.facts);
    store();
  } else refuseOtherTime(choice, scale);
  const frames = rawFramesOf(paths, pacer, () => choice.keepDays);
  const account = new RealAccount({ vault, identity, clock: pacer, raw: frames, vendors: testSeams.vendors });
  const { watch, background } = await liveWatch({
    ...{ home: paths.home, identity, journal, clock, scale, steady, journalMeter, ranFor, orders },
    alerts: NO_ALERTS,
  });
  const own = await loadOwnStrategies(paths);
  const checks = bootChecks(core, {
    ...{ vault, pacer, own, masterKey: { file: () => masterKeyFile, clock: pacer } },
    read: (settings) => choice.note(settings),
    broker: (settings) => checkedBroker(core, settings, { world, store, account, pacer }),
  });
  const common = { core, pacer, watch, checks, own };
  const simulated = simulatedSessions({ ...common, world, store }, testSeams);
  const real = realSessions(
    {
      ...{ ...common, account, choice, plannedFloat: world.openingCash },
      symbols: (session, settings, carries) => {
        const setUp = world.facts.symbols.map(parseSymbol);
        return sessionSymbols({ paths, settings, session, carries, setUp });
      },
    },
    testSeams,
  );
  return {
    checks,
    beginSession: (day, inputs) => {
      choice.note(inputs.settings());
      return choice.broker === 'SIM' ? simulated(day, inputs) : real(day, inputs);
    },
    market: new ChosenMarket(choice, world),
    broker: calendarOf(choice, account),
    background,
    figures: () => ({
      ...watch.marketFigures(),
      ...brokerFigures(account.current),
      ...closingFigures(core.state, account.current),
      ...haltFigures(core.state, watch.halted),
    }),
    close: async () => {
      account.close();
      store.close();
      await Promise.all([frames.broker.flush(), frames.feed.flush()]);
    },
  };
}

/** The account of the simulator, opened when it is first needed. */
type OpenedAccount = (() => SqliteSimStore) & { close(): void };

function accountOnce(core: EngineCore): OpenedAccount {
  let opened: SqliteSimStore | undefined;
  const open = (): SqliteSimStore => (opened ??= openSimulatedAccount(core.paths, core.state));
  return Object.assign(open, { close: () => opened?.close() });
}

interface Checked {
  readonly world: SimulatedWorld;
  readonly store: OpenedAccount;
  readonly account: RealAccount;
  readonly pacer: Pacer;
}

function checkedBroker(
  { codes, clock, identity }: EngineCore,
  settings: Settings,
  { world, store, account, pacer }: Checked,
): Pick<BrokerConnection, 'selfCheck'> {
  if (settings.BROKER_NAME === 'SIM') {
    const { brokerSeed: seed, openingCash } = world;
    return simulatedBroker(codes, settings, { clock, seed, openingCash, store: store() });
  }
  const broker = account.broker(settings);
  const shortSellers = shortSellersOf(settings);
  const parts = { broker, identity, shortSellers, clock: pacer, within: answerWithin(settings) };
  return { selfCheck: () => checkedAgain(() => startChecks(parts)) };
}

/** The exchange of the simulator keeps the embedded calendar. */
function calendarOf(choice: BrokerChoice, account: RealAccount): Pick<ReferenceData, 'calendar'> {
  return {
    get calendar() {
      const { settings } = choice;
      if (settings === undefined || settings.BROKER_NAME === 'SIM') return undefined;
      return async (date: DateText) => {
        const broker = account.broker(settings);
        if (broker.calendar === undefined) throw noCalendar(broker.code);
        return broker.calendar(date);
      };
    },
  } as Pick<ReferenceData, 'calendar'>;
}

function noCalendar(code: string): Error {
  return configError({
    code: 'BROKER_WITHOUT_CALENDAR',
    message: `${code} has no calendar`,
    remedy: 'Nothing has to be done: the embedded calendar counts.',
  });
}

/** An emulator may have another time than the machine, a market has not. */
function refuseOtherTime({ broker, account }: BrokerChoice, scale: ClockScale | null): void {
  if (scale === null || account?.kind === 'emulator') return;
  throw configError({
    code: 'CLOCK_NEEDS_SIM',
    message: `the clock of a bot that trades at ${broker} is the world's`,
    remedy:
      'Leave --clock-start and --clock-speed out; they are for the simulator, and for an emulator on this machine.',
  });
}
