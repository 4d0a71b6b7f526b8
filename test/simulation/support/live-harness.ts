import { LOCKED_HOME } from '../../../src/app/ownership/effects-guard.js';
import { marketOf } from './market.js';
import { BOTH_WAYS } from './days.js';
import type { SimFault } from '../../../src/adapters/broker-sim/faults.js';
import { DEFAULT_SIM_PROFILE } from '../../../src/adapters/broker-sim/profile.js';
import { SimBroker } from '../../../src/adapters/broker-sim/sim-broker.js';
import type { SimulatedVenue } from '../../../src/adapters/broker-sim/venue.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { VirtualPacer } from '../../support/virtual-pacer.js';
import { JournalTree } from '../../../src/app/audit/journal-tree.js';
import { sealSession } from '../../../src/app/audit/seal-journal.js';
import type { LiveHooks, LiveSessionDeps } from '../../../src/app/live/live-deps.js';
import { CommandQueue } from '../../../src/app/live/command-queue.js';
import { LiveSession } from '../../../src/app/live/live-session.js';
import { EngineAppender } from '../../../src/app/journal/engine-appender.js';
import { bringBackAll } from '../../../src/app/journal/bring-back.js';
import { JournalOutage, keptIn, type OutageTime } from '../../../src/app/journal/journal-outage.js';
import { foldJournal } from '../../../src/app/journal/fold-journal.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { sessionOf, type ExchangeSession } from '../../../src/domain/calendar/nyse.js';
import { parseSettings, type Settings } from '../../../src/domain/config/settings.js';
import { EngineState } from '../../../src/domain/session/engine-state.js';
import type { EventType, RecordedEvent } from '../../../src/events/event.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { invariant } from '../../../src/kernel/errors.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs, parseUtcText, type DateText, type EpochMs } from '../../../src/kernel/time.js';
import { LockStepWorld } from '../../../src/adapters/sim-world/lock-step-world.js';
import { NO_RECORDER } from '../../support/no-recorder.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { Journal } from '../../../src/ports/journal.js';
import type { MarketDataFeed } from '../../../src/ports/market-data.js';
import type { MarketRecorder } from '../../../src/ports/market-recorder.js';
import type { OutageSpool } from '../../../src/ports/outage-spool.js';
import type { Pacer } from '../../../src/ports/pacer.js';
import type { TimeBudget } from '../../../src/strategies/time-budget.js';
import { strategiesToRun } from '../../../src/strategies/registry.js';
import type { Strategy } from '../../../src/strategies/strategy.js';
import { Cut } from './crash.js';
import { booksOf, CODES, DayHarness, PARTS, type HarnessOptions } from './day-harness.js';
import { DAY } from './days.js';
import { NO_BUDGET } from './budgets.js';
import { chainOf } from '../../support/chain.js';

export interface LiveOptions extends Omit<HarnessOptions, 'settings'> {
  readonly settings?: Readonly<Record<string, string>>;
  readonly date?: DateText;
  /** `hh:mm:ss` UTC at which the exchange closes early. */
  readonly closesAt?: string;
  /** `hh:mm:ss.mmm` UTC at which the process starts; a second before the open when left out. */
  readonly startsAt?: string;
  readonly wrapPacer?: (pacer: VirtualPacer) => Pacer;
  readonly wrapVenue?: (sim: SimBroker) => SimulatedVenue;
  readonly budget?: TimeBudget;
  readonly hooks?: LiveHooks;
  readonly projections?: LiveSessionDeps['projections'];
  readonly exportSession?: () => Promise<void>;
  readonly faults?: readonly SimFault[];
  readonly purpose?: LiveSessionDeps['purpose'];
  /** What is kept while the journal is away; the journal itself is made away by `wrapJournal`. */
  readonly outage?: { readonly spool: OutageSpool; readonly time: OutageTime };
  /** Records the market data; left out: nothing is recorded. */
  readonly recorder?: MarketRecorder;
  /** Instead of a simulated world: a feed that is asked once, and a broker that is no simulator. */
  readonly bare?: { readonly feed: MarketDataFeed; readonly broker: Broker; readonly recorder: MarketRecorder };
}

/** One run of the engine process: its state, clock and broker connection; the home stays in the harness. */
export interface Life {
  readonly session: LiveSession;
  /** Commands other than a kill go to the session through it. */
  readonly commands: CommandQueue;
  readonly state: EngineState;
  readonly appender: EngineAppender;
  readonly pacer: VirtualPacer;
  readonly clock: VirtualClock;
  readonly broker: Broker;
  /** Settings that the session reads on reload. */
  settings: Settings;
}

const IDENTITY = composeBotIdentity(PARTS);

const parsed = new Map<string, Settings>();

/** Thousands of sessions have the same few settings. */
function parsedOnce(texts: Readonly<Record<string, string>>): Settings {
  const key = JSON.stringify(texts);
  const settings = parsed.get(key) ?? parseSettings(texts);
  parsed.set(key, settings);
  return settings;
}

/** A home whose days are played at the pace of a world: journal, broker's account and market outlive each process. */
export class LiveHarness {
  readonly home: DayHarness;
  readonly date: DateText;
  readonly calendarDay: ExchangeSession;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;

  constructor(
    readonly options: LiveOptions,
    home?: DayHarness,
  ) {
    this.home = home ?? new DayHarness(options);
    this.date = options.date ?? DAY;
    const session = sessionOf(this.date);
    invariant(session !== undefined, 'TEST_DAY', `${this.date} is not a trading day`);
    const closesAt = options.closesAt === undefined ? session.closesAt : this.at(options.closesAt);
    this.calendarDay = { ...session, closesAt };
    this.opensAt = session.opensAt;
    this.closesAt = closesAt;
  }

  /** The same home on another day. */
  next(date: DateText): LiveHarness {
    return new LiveHarness({ ...this.options, date }, this.home);
  }

  get journal(): Journal {
    return this.home.journal;
  }

  at(clock: string): EpochMs {
    return parseUtcText(`${this.date}T${clock.length === 8 ? `${clock}.000` : clock}Z`);
  }

  /** Another process that writes to the journal: main, web or a worker. */
  appender(clock: { now(): EpochMs }, actor: 'system:main' | `user:${string}` = 'system:main'): EventAppender {
    return new EventAppender({ journal: this.journal, clock, identity: IDENTITY, actor });
  }

  /** Starts a process: folds the journal, walks to idle when the bot has to, and makes the day's session. */
  async start(more: Partial<LiveOptions> = {}): Promise<Life> {
    const options = { ...this.options, ...more };
    const startsAt = options.startsAt === undefined ? epochMs(this.opensAt - 1_000) : this.at(options.startsAt);
    const pacer = new VirtualPacer(startsAt);
    const clock = new VirtualClock(startsAt);
    this.home.setClock(clock);
    const state = new EngineState(CODES);
    if (options.outage !== undefined) await bringBackAll(this.journal, options.outage.spool);
    await foldJournal(this.journal, state);
    const journal = options.wrapJournal?.(this.journal) ?? this.journal;
    const outage = options.outage && new JournalOutage({ ...options.outage, journal, clock, changed: () => undefined });
    const own = outage === undefined ? {} : { outage };
    const appender = new EngineAppender({ journal, clock, identity: IDENTITY, actor: 'system:engine', state, ...own });
    if (options.outage !== undefined) {
      await appender.endLeftOutage(keptIn(options.outage.spool));
      options.outage.spool.clear();
    }
    await this.bringToIdle(appender);
    const { broker, ...outside } = options.bare === undefined ? this.simulated(options) : this.bare(options.bare);
    const settings = parsedOnce(options.settings ?? {});
    const life: { settings: Settings } = { settings };
    const worldPacer = options.wrapPacer?.(pacer) ?? pacer;
    const commands = new CommandQueue({ wake: () => worldPacer.wake(), killSession: () => undefined });
    const session = new LiveSession({
      ...this.deps(options, { journal, appender, state }),
      ...{
        broker,
        ...outside,
        purpose: options.purpose ?? 'trade',
        clock,
        pacer: worldPacer,
        commands,
        settings: () => life.settings,
      },
      strategies: options.strategies ?? strategiesToRun(settings),
    });
    return Object.assign(life, { session, commands, state, appender, pacer, clock, broker });
  }

  private async bringToIdle(appender: EngineAppender): Promise<void> {
    const path = ['provisioning', 'bootstrapping', 'started', 'idle'] as const;
    if (appender.state.botState !== 'initialize') return;
    const person = this.appender({ now: () => this.home.now() });
    for (const to of path) await person.changeBotState(to, 'the test sets up');
    await appender.follow();
  }

  private simulated(options: LiveOptions): Pick<LiveSessionDeps, 'broker' | 'feed' | 'market' | 'world'> {
    const clock = new VirtualClock(epochMs(0));
    const sim = this.sim(clock, options);
    const { feed } = options;
    const market = feed.openSession(this.date);
    const venue = options.wrapVenue?.(sim) ?? sim;
    const world = new LockStepWorld({ venue, clock, feed, market, day: this.calendarDay });
    return { broker: options.wrapBroker?.(sim) ?? sim, feed, market, world };
  }

  private bare({
    feed,
    broker,
    recorder: marketRecorder,
  }: NonNullable<LiveOptions['bare']>): Pick<
    LiveSessionDeps,
    'broker' | 'feed' | 'market' | 'world' | 'marketRecorder'
  > {
    return { broker, feed, market: feed.open(this.date), world: undefined, marketRecorder };
  }

  private sim(clock: VirtualClock, options: LiveOptions): SimBroker {
    return new SimBroker({
      accountId: 'SIM-B01',
      clock,
      seed: options.brokerSeed ?? 1,
      openingCash: Decimal.parse(options.cash ?? '100000.00'),
      profile: { ...DEFAULT_SIM_PROFILE, ...options.profile },
      store: this.home.store,
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
  }

  private deps(
    options: LiveOptions,
    { journal, appender, state }: { journal: Journal; appender: EngineAppender; state: EngineState },
  ): Omit<
    LiveSessionDeps,
    'broker' | 'feed' | 'market' | 'world' | 'purpose' | 'clock' | 'pacer' | 'commands' | 'settings' | 'strategies'
  > {
    const { calendarDay } = this;
    return {
      identity: IDENTITY,
      codes: CODES,
      versionTag: 'test',
      effects: LOCKED_HOME,
      journal,
      appender,
      state,
      brokerSeed: options.brokerSeed ?? 1,
      calendarDay,
      projections: options.projections ?? { catchUp: () => Promise.resolve() },
      books: () => booksOf(state),
      marketRecorder: options.recorder ?? NO_RECORDER,
      exportSession: options.exportSession ?? (() => Promise.resolve()),
      sealSession: (closed) =>
        sealSession(
          {
            appender,
            tree: new JournalTree(this.journal),
            chain: chainOf(this.journal),
            clock: { now: () => this.home.now() },
          },
          closed,
        ),
      budget: options.budget ?? NO_BUDGET,
      hooks: options.hooks ?? {},
    };
  }

  events(): Promise<readonly RecordedEvent[]> {
    return this.home.events();
  }

  eventsOf<T extends EventType>(type: T): Promise<readonly RecordedEvent<T>[]> {
    return this.home.eventsOf(type);
  }

  /** The states of the bot, in order. */
  async states(): Promise<readonly string[]> {
    return (await this.eventsOf('BotStateChanged')).map(({ data }) => data.to);
  }
}

/** A strategy as it is, with some of its methods replaced. */
export function changed(strategy: Strategy, methods: Partial<Strategy>): Strategy {
  return new Proxy(strategy, {
    get(target, key): unknown {
      const value: unknown = Reflect.get(methods, key) ?? Reflect.get(target, key);
      return typeof value === 'function' && !Reflect.has(methods, key) ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A live home with the market of seed 1, trading both ways. */
export function liveHome(options: Partial<LiveOptions> = {}): LiveHarness {
  return new LiveHarness({ feed: marketOf(1), settings: BOTH_WAYS, ...options });
}

/** The process dies at this time. */
export async function dieAt(live: LiveHarness, life: Life, clock: string): Promise<void> {
  life.pacer.plan(live.at(clock), () => {
    throw new Cut();
  });
  const ended = await life.session.run().catch((error: unknown) => error);
  if (!(ended instanceof Cut)) throw new Error(`the process did not die at ${clock}`, { cause: ended });
}
