import { SimBroker } from '../../src/adapters/broker-sim/sim-broker.js';
import { SqliteSimStore } from '../../src/adapters/broker-sim/sqlite-store.js';
import { DEFAULT_SIM_PROFILE } from '../../src/adapters/broker-sim/profile.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { foldedBooks } from '../../src/app/day/folded-books.js';
import { foldJournal } from '../../src/app/journal/fold-journal.js';
import type { SetupForm } from '../../src/app/provisioning/setup-form.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { EngineState } from '../../src/domain/session/engine-state.js';
import type { EventType, Position, RecordedEvent } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { basePaths, homePaths } from '../../src/domain/home/home-paths.js';
import { composeBotIdentity, type BotIdentityParts } from '../../src/kernel/identity.js';
import { openJournal } from '../../src/composition/open-journal.js';
import { EMBEDDED, journalAddressOf, type JournalAddress } from '../../src/domain/config/journal-address.js';
import { epochMs, parseUtcText, plusMs, type EpochMs } from '../../src/kernel/time.js';
import type { Journal } from '../../src/ports/journal.js';
import { bookCodesOf } from '../../src/domain/accounting/book-codes.js';
import { provisionTestHome, TEST_PARTS, type ProvisionedHome } from './provision.js';
import { eventually, PATIENCE_MS } from './eventually.js';

/** The invented market, whole. */
export const SYMBOLS = ['SIMX', 'HMGR', 'TLRX', 'QRVS', 'NOVQ', 'PDLX', 'ZYNK'];
/** Bearish signals are traded too, so that a day has more round trips. */
export const BOTH_WAYS = { SHORT_TYPE_OPEN: 'ShortSell', SHORT_TYPE_MID: 'ShortSell', SHORT_TYPE_CLOSE: 'ShortSell' };

const CODES = bookCodesOf(TEST_PARTS);

/** How a test waits for an event. */
export interface UntilOptions {
  /** Only events behind this one count. */
  readonly after?: Position | undefined;
  readonly patienceMs?: number;
}

/** A home that was set up a minute before `start`, has its administrator, and waits for its first engine. */
export class EngineHome {
  static async make(home: string, start: string, form: Partial<SetupForm> = {}): Promise<EngineHome> {
    const before = plusMs(parseUtcText(start), -60_000);
    const clock = { now: (): EpochMs => before };
    const made = await provisionTestHome(home, { symbols: SYMBOLS, settings: BOTH_WAYS, ...form }, { clock });
    const url = form.settings?.['JOURNAL_URL'];
    const address = url === undefined ? EMBEDDED : journalAddressOf(url);
    const self = new EngineHome(made, address, form.identity ?? TEST_PARTS);
    await self.read(async (journal) => {
      const appender = new EventAppender({ journal, clock, identity: made.identity, actor: 'system:test' });
      await appender.changeBotState('started', 'the administrator has registered');
    }, before);
    return self;
  }

  /** A home that was made before, or a copy of one. */
  static at(home: string): EngineHome {
    const identity = composeBotIdentity(TEST_PARTS);
    return new EngineHome({ home, identity, paths: homePaths(home, identity), base: basePaths(home) });
  }

  private constructor(
    readonly made: ProvisionedHome,
    readonly address: JournalAddress = EMBEDDED,
    private readonly parts: BotIdentityParts = TEST_PARTS,
  ) {}

  async read<T>(ask: (journal: Journal) => Promise<T>, at = epochMs(0)): Promise<T> {
    const { identity: botIdentity, paths } = this.made;
    const { journalDb } = paths.storage;
    const journal = await openJournal(this.address, { journalDb, botIdentity, clock: { now: () => at } });
    try {
      return await ask(journal);
    } finally {
      await journal.close();
    }
  }

  events(): Promise<readonly RecordedEvent[]> {
    return this.read((journal) => journal.readAll({ limit: 1_000_000 }));
  }

  async eventsOf<T extends EventType>(type: T): Promise<readonly RecordedEvent<T>[]> {
    const events = await this.read((journal) => journal.readAll({ limit: 1_000_000, filter: { types: [type] } }));
    return events as readonly RecordedEvent<T>[];
  }

  /** Polls the journal until a condition holds, through one connection; each look reads only what is new. */
  until(
    what: string,
    fits: (event: RecordedEvent) => boolean,
    { after, patienceMs = PATIENCE_MS }: UntilOptions = {},
  ): Promise<RecordedEvent> {
    return this.read(async (journal) => {
      const last: string[] = [];
      let seen = after;
      let found: RecordedEvent | undefined;
      const look = async (): Promise<boolean> => {
        const fresh = await journal.readAll({ limit: 1_000_000, ...(seen === undefined ? {} : { after: seen }) });
        seen = fresh.at(-1)?.position ?? seen;
        last.push(...fresh.map(({ type, recordedAt }) => `${recordedAt} ${type}`));
        last.splice(0, last.length - 8);
        found = fresh.find(fits);
        return found !== undefined;
      };
      await eventually(what, look, { everyMs: 50, patienceMs, seen: () => `last are ${last.join(', ')}` });
      return found!;
    });
  }

  /** The position of the newest event. */
  async newest(): Promise<Position | undefined> {
    return (await this.read((journal) => journal.readAll({ direction: 'backwards', limit: 1 })))[0]?.position;
  }

  async states(): Promise<readonly string[]> {
    return (await this.eventsOf('BotStateChanged')).map(({ data }) => data.to);
  }

  async state(): Promise<EngineState> {
    const state = new EngineState(bookCodesOf(this.parts));
    await this.read((journal) => foldJournal(journal, state));
    return state;
  }

  /** Violated invariants; empty when books, journal and broker agree and nothing counts twice. */
  async faults(): Promise<readonly string[]> {
    const state = await this.state();
    const books = foldedBooks(state);
    const broker = await this.brokerFacts();
    const faults: string[] = [];
    const expectEqual = (what: string, ours: unknown, theirs: unknown): void => {
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
        faults.push(`${what}: ${JSON.stringify(ours)} is not ${JSON.stringify(theirs)}`);
      }
    };
    expectEqual('books balance', books.isBalanced(), true);
    expectEqual('cash', books.cash().shortText(2), broker.cash.shortText(2));
    expectEqual('positions', held(books.positions()), held(broker.positions));
    const intended = (await this.eventsOf('OrderIntended')).map(({ data }) => data.clientOrderId);
    expectEqual('orders once', new Set(intended).size, intended.length);
    const fills = (await this.eventsOf('OrderFilled')).map(({ data }) => data.executionId).sort();
    expectEqual('fills once each', fills, broker.executions);
    expectEqual('journal', (await this.read((journal) => journal.verify())).ok, true);
    return faults;
  }

  private async brokerFacts() {
    const store = new SqliteSimStore(this.made.paths.storage.simBrokerDb);
    try {
      const broker = new SimBroker({
        accountId: CODES.account,
        clock: new VirtualClock(epochMs(0)),
        seed: 1,
        openingCash: Decimal.parse('25000.00'),
        profile: DEFAULT_SIM_PROFILE,
        store,
      });
      await broker.connect();
      const records = await broker.activities(null, 10_000);
      return {
        cash: (await broker.account()).cash,
        positions: new Map((await broker.positions()).map(({ symbol, quantity }) => [symbol, quantity])),
        executions: records.flatMap((record) => (record.kind === 'fill' ? [record.update.executionId] : [])).sort(),
      };
    } finally {
      store.close();
    }
  }
}

function held(positions: ReadonlyMap<string, Decimal>): readonly string[] {
  return [...positions]
    .filter(([, quantity]) => !quantity.isZero())
    .map(([symbol, quantity]) => `${symbol} ${quantity.shortText()}`)
    .sort();
}
