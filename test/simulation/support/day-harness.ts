import { LOCKED_HOME } from '../../../src/app/ownership/effects-guard.js';
import type { SimFault } from '../../../src/adapters/broker-sim/faults.js';
import { DEFAULT_SIM_PROFILE, type SimProfile } from '../../../src/adapters/broker-sim/profile.js';
import { SimBroker } from '../../../src/adapters/broker-sim/sim-broker.js';
import { MemorySimStore, type SimStore } from '../../../src/adapters/broker-sim/store.js';
import { VirtualClock } from '../../../src/adapters/clock/virtual-clock.js';
import { MemoryJournal } from '../../../src/adapters/journal-memory/memory-journal.js';
import { JournalTree } from '../../../src/app/audit/journal-tree.js';
import { sealSession } from '../../../src/app/audit/seal-journal.js';
import { runTradingDay, type DayOutcome } from '../../../src/app/day/trading-day.js';
import { EngineAppender } from '../../../src/app/journal/engine-appender.js';
import { foldJournal } from '../../../src/app/journal/fold-journal.js';
import { bookCash } from '../../../src/domain/accounting/book.js';
import { allLots, netPosition } from '../../../src/domain/accounting/lots.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { EngineState } from '../../../src/domain/session/engine-state.js';
import type { EventType, RecordedEvent } from '../../../src/events/event.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { invariant } from '../../../src/kernel/errors.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { centsToDecimal } from '../../../src/kernel/money.js';
import { epochMs, type DateText, type EpochMs } from '../../../src/kernel/time.js';
import type { Books } from '../../../src/ports/books.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { Journal } from '../../../src/ports/journal.js';
import { LockStepWorld } from '../../../src/adapters/sim-world/lock-step-world.js';
import { NO_RECORDER } from '../../support/no-recorder.js';
import type { ReplayedFeed } from '../../../src/ports/market-data.js';
import type { MarketRecorder } from '../../../src/ports/market-recorder.js';
import { strategiesToRun } from '../../../src/strategies/registry.js';
import type { Strategy } from '../../../src/strategies/strategy.js';
import { chainOf } from '../../support/chain.js';

export const PARTS = { entityCode: 'TEST', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
export const CODES = { entity: 'TEST', jurisdiction: 'US', broker: 'SIM', bot: 'B01', account: 'SIM-B01' };

export interface HarnessOptions {
  readonly feed: ReplayedFeed;
  readonly settings?: Readonly<Record<string, string>>;
  readonly faults?: readonly SimFault[];
  readonly profile?: Partial<SimProfile>;
  readonly cash?: string;
  readonly brokerSeed?: number;
  /** What runs instead of the strategies that the settings name. */
  readonly strategies?: readonly Strategy[];
  /** Records the market data; nothing does without it. */
  readonly recorder?: MarketRecorder;
  /** Lets a test wrap the broker. */
  readonly wrapBroker?: (broker: SimBroker) => Broker;
  /** Lets a test watch, delay or interrupt every append. */
  readonly wrapJournal?: (journal: Journal) => Journal;
}

/** Whole trading days in memory: real engine, real broker simulator, real journal contract, no files. */
export class DayHarness {
  readonly store: SimStore = new MemorySimStore();
  private clock = new VirtualClock(epochMs(0));
  readonly journal = new MemoryJournal({ clock: { now: () => this.clock.now() } });

  /** May be changed between two runs; the next process starts with the new values. */
  constructor(public options: HarnessOptions) {}

  /** For a process that is driven by something else. */
  setClock(clock: VirtualClock): void {
    this.clock = clock;
  }

  now(): EpochMs {
    return this.clock.now();
  }

  /** A process: folds the journal and runs the day to its end, or until something throws. */
  async run(date: DateText): Promise<{ readonly outcome: DayOutcome; readonly state: EngineState }> {
    const { options } = this;
    const clock = new VirtualClock(epochMs(0));
    const session = sessionOf(date);
    invariant(session !== undefined, 'TEST_DAY', `${date} is not a trading day`);
    this.clock = clock;
    const journal = options.wrapJournal?.(this.journal) ?? this.journal;
    const state = new EngineState(CODES);
    await foldJournal(this.journal, state);
    const settings = parseSettings(options.settings ?? {});
    const identity = composeBotIdentity(PARTS);
    const broker = this.broker(clock);
    const appender = new EngineAppender({ journal, clock, identity, actor: 'system:engine', state });
    const market = options.feed.openSession(date);
    const outcome = await runTradingDay({
      identity,
      codes: CODES,
      versionTag: 'test',
      effects: LOCKED_HOME,
      settings,
      strategies: options.strategies ?? strategiesToRun(settings),
      journal,
      appender,
      state,
      broker: options.wrapBroker?.(broker) ?? broker,
      brokerSeed: options.brokerSeed ?? 1,
      clock,
      calendarDay: session,
      feed: options.feed,
      market,
      world: new LockStepWorld({ venue: broker, clock, feed: options.feed, market, day: session }),
      projections: { catchUp: () => Promise.resolve() },
      books: () => booksOf(state),
      marketRecorder: this.options.recorder ?? NO_RECORDER,
      exportSession: () => Promise.resolve(),
      sealSession: (closed) =>
        sealSession({ appender, tree: new JournalTree(this.journal), chain: chainOf(this.journal), clock }, closed),
      onProgress: () => undefined,
    });
    return { outcome, state };
  }

  broker(clock: VirtualClock): SimBroker {
    const { options } = this;
    return new SimBroker({
      accountId: 'SIM-B01',
      clock,
      seed: options.brokerSeed ?? 1,
      openingCash: Decimal.parse(options.cash ?? '100000.00'),
      profile: { ...DEFAULT_SIM_PROFILE, ...options.profile },
      store: this.store,
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
  }

  async events(): Promise<readonly RecordedEvent[]> {
    return this.journal.readAll({ limit: 1_000_000 });
  }

  async eventsOf<T extends EventType>(type: T): Promise<readonly RecordedEvent<T>[]> {
    return (await this.events()).filter((event): event is RecordedEvent<T> & RecordedEvent => event.type === type);
  }
}

/** The pure books as the engine folds them: what the ledger projection writes rows from. */
export function booksOf(state: EngineState): Books {
  const symbols = [...new Set(allLots(state.book.lots).map((lot) => lot.symbol))];
  return {
    cash: () => centsToDecimal(bookCash(state.book)),
    positions: () => new Map(symbols.map((symbol) => [symbol, netPosition(state.book.lots, symbol)])),
    close: () => undefined,
    isBalanced: () => [...state.book.balances.values()].reduce((sum, balance) => sum + balance, 0n) === 0n,
  };
}
