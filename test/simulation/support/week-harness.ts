import { LOCKED_HOME } from '../../../src/app/ownership/effects-guard.js';
import { ANY_DAY } from '../../support/session-market.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { VirtualPacer } from '../../support/virtual-pacer.js';
import { marketOf } from './market.js';
import { JournalTree } from '../../../src/app/audit/journal-tree.js';
import { sealSession } from '../../../src/app/audit/seal-journal.js';
import { EngineAppender } from '../../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../../src/app/journal/fold-journal.js';
import { EngineLoop } from '../../../src/app/live/engine-loop.js';
import { LiveSession } from '../../../src/app/live/live-session.js';
import type { BeginSession } from '../../../src/app/live/session-runner.js';
import { EventAppender } from '../../../src/app/journal/event-appender.js';
import { parseSettings, type Settings } from '../../../src/domain/config/settings.js';
import { EngineState } from '../../../src/domain/session/engine-state.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs, parseUtcText, plusMs, type EpochMs } from '../../../src/kernel/time.js';
import { LockStepWorld } from '../../../src/adapters/sim-world/lock-step-world.js';
import { NO_RECORDER } from '../../support/no-recorder.js';
import type { ReplayedFeed } from '../../../src/ports/market-data.js';
import type { ReferenceData } from '../../../src/ports/reference-data.js';
import { strategiesToRun } from '../../../src/strategies/registry.js';
import type { EngineCommand } from '../../../src/app/live/commands.js';
import { booksOf, CODES, DayHarness, PARTS } from './day-harness.js';
import { NO_BUDGET } from './budgets.js';
import { BOTH_WAYS } from './days.js';
import { chainOf } from '../../support/chain.js';

const IDENTITY = composeBotIdentity(PARTS);

/** `2013-03-08T12:00` UTC. */
export const at = (text: string): EpochMs => parseUtcText(`${text}:00.000Z`);

/** One run of the engine: it takes commands at times of the world, and it can die. */
export interface EngineLife {
  readonly loop: EngineLoop;
  readonly pacer: VirtualPacer;
  /** Outcomes of commands, in order. */
  readonly answers: string[];
  order(time: string, command: EngineCommand): void;
  /** Dies at this time without notice and ends `run` with an error. */
  dieAt(time: string, laterMs?: number): void;
  /** Runs until a shutdown or a crash. */
  runUntil(time: string): Promise<'down' | 'dead'>;
}

/** A bot for whole weeks in memory: real loop, sessions, broker simulator and journal contract under a virtual clock. */
export class WeekHarness {
  readonly home: DayHarness;
  settings: Settings;
  /** The calendar of the broker, when it has one. */
  exchange: Pick<ReferenceData, 'calendar'> = {};

  constructor(seed: number, settings: Readonly<Record<string, string>> = {}, feed: ReplayedFeed = marketOf(seed)) {
    const all = { ...BOTH_WAYS, ...settings };
    this.home = new DayHarness({ feed, settings: all, brokerSeed: seed });
    this.settings = parseSettings(all);
  }

  /** A home that waits for its first engine. */
  async begin(start: string): Promise<this> {
    const before = plusMs(at(start), -60_000);
    this.home.setClock(new VirtualClock(before));
    const appender = this.appender(before);
    for (const to of ['provisioning', 'bootstrapping', 'registration', 'started'] as const) {
      await appender.changeBotState(to, 'the test sets up');
    }
    return this;
  }

  /** A process starts and folds the journal. */
  async start(time: string): Promise<EngineLife> {
    const pacer = new VirtualPacer(at(time));
    const clock = new VirtualClock(epochMs(0));
    this.home.setClock(clock);
    const state = new EngineState(CODES);
    await foldJournal(this.home.journal, state);
    const { journal } = this.home;
    const appender = new EngineAppender({ journal, clock, identity: IDENTITY, actor: 'system:engine', state });
    const loop = new EngineLoop({
      appender,
      worldAppender: new EventAppender({ journal, clock: pacer, identity: IDENTITY, actor: 'system:engine' }),
      time: { clock, pacer },
      checks: {
        settings: () => this.settings,
        build: () => Promise.resolve([]),
        modules: () => Promise.resolve([]),
      },
      beginSession: this.sessions({ pacer, clock, state, appender }),
      market: ANY_DAY,
      broker: this.exchange,
    });
    return lifeOf(loop, pacer);
  }

  appender(now: EpochMs): EventAppender {
    return new EventAppender({
      journal: this.home.journal,
      clock: { now: () => now },
      identity: IDENTITY,
      actor: 'system:main',
    });
  }

  /** `MM-DDThh:mm state`, the set-up left out. */
  async states(): Promise<readonly string[]> {
    const events = await this.home.eventsOf('BotStateChanged');
    return events.slice(4).map(({ occurredAt, data }) => `${occurredAt.slice(5, 16)} ${data.to}`);
  }

  /** Sessions with the UTC instants of their events: opened, first strategy, closed. */
  async days(): Promise<readonly string[]> {
    const events = await this.home.events();
    const days = events.flatMap((event) => (event.type === 'SessionOpened' ? [event] : []));
    return days.map(({ data, recordedAt }) => {
      const of = events.filter(({ meta }) => meta.sessionDate === data.date);
      const first = of.find(({ type }) => type === 'StrategyStarted');
      const closed = of.find(({ type }) => type === 'SessionClosed');
      const hours = [recordedAt, first?.recordedAt ?? 'never', closed?.recordedAt ?? 'never'];
      return `${data.date} ${hours.map((text) => text.slice(11, 16)).join(' ')}`;
    });
  }

  private sessions(parts: {
    readonly pacer: VirtualPacer;
    readonly clock: VirtualClock;
    readonly state: EngineState;
    readonly appender: EngineAppender;
  }): BeginSession {
    const { state, appender, clock } = parts;
    const { journal, options } = this.home;
    return (day, { purpose, commands, settings }) => {
      const venueClock = new VirtualClock(epochMs(0));
      const broker = this.home.broker(venueClock);
      const market = options.feed.openSession(day.date);
      return new LiveSession({
        ...parts,
        identity: IDENTITY,
        codes: CODES,
        versionTag: 'test',
        effects: LOCKED_HOME,
        purpose,
        commands,
        settings,
        strategies: strategiesToRun(settings()),
        journal,
        broker,
        brokerSeed: options.brokerSeed ?? 1,
        budget: NO_BUDGET,
        calendarDay: day,
        feed: options.feed,
        market,
        world: new LockStepWorld({ venue: broker, clock: venueClock, feed: options.feed, market, day }),
        projections: { catchUp: () => Promise.resolve() },
        books: () => booksOf(state),
        marketRecorder: NO_RECORDER,
        exportSession: () => Promise.resolve(),
        sealSession: (date) =>
          sealSession({ appender, tree: new JournalTree(journal), chain: chainOf(journal), clock }, date),
        hooks: {},
      });
    };
  }
}

class Died extends Error {}

function lifeOf(loop: EngineLoop, pacer: VirtualPacer): EngineLife {
  const answers: string[] = [];
  const order = (time: string, command: EngineCommand): void => {
    pacer.plan(at(time), () => {
      void loop.command(command).then(({ outcome, reason }) => answers.push(`${command.kind} ${outcome}: ${reason}`));
    });
  };
  return {
    loop,
    pacer,
    answers,
    order,
    dieAt: (time, laterMs = 0) => {
      pacer.plan(plusMs(at(time), laterMs), () => {
        throw new Died(time);
      });
    },
    runUntil: async (time) => {
      const deadline = plusMs(at(time), 5 * 60_000);
      order(time, { kind: 'shutdown', reason: 'the test is over', deadline });
      try {
        await loop.run();
        return 'down';
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        return 'dead';
      }
    },
  };
}
