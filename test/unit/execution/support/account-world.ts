import { MemoryJournal } from '../../../../src/adapters/journal-memory/memory-journal.js';
import { Engine } from '../../../../src/app/execution/engine.js';
import { EngineAppender } from '../../../../src/app/journal/engine-appender.js';
import { LOCKED_HOME } from '../../../../src/app/ownership/effects-guard.js';
import { bookPositions } from '../../../../src/app/day/folded-books.js';
import { bookCash } from '../../../../src/domain/accounting/book.js';
import { EngineState } from '../../../../src/domain/session/engine-state.js';
import type { Draft } from '../../../../src/events/draft.js';
import type { EventType, RecordedEvent, StreamName } from '../../../../src/events/event.js';
import { placesOf } from '../../../../src/events/event-streams.js';
import { parseSymbol } from '../../../../src/events/names.js';
import { STREAMS } from '../../../../src/events/streams.js';
import { centsToDecimal } from '../../../../src/kernel/money.js';
import { MINUTE_MS, plusMs, type EpochMs } from '../../../../src/kernel/time.js';
import { TRADING_RULES } from '../../../../src/trading/rules.js';
import { CODES } from '../../support/fills.js';
import { BOT } from '../../support/events.js';
import { entry, orderId, type EntryWords } from '../../trading/support/given-orders.js';
import { DATE, RuleWorld, timeOf } from '../../trading/support/rule-world.js';
import { ScriptedAccount } from './scripted-account.js';

const CAUSE = { correlationId: 'test', causationId: null } as const;

/** The engine over a journal in memory and a broker that a test writes; the bot is `trading`, at 14:05. */
export class AccountWorld {
  readonly rules = new RuleWorld();
  readonly journal = new MemoryJournal({ clock: { now: () => this.now } });
  now: EpochMs = timeOf('13:30');
  readonly account = new ScriptedAccount(() => this.now);
  readonly state = new EngineState(CODES);
  readonly #clock = { now: (): EpochMs => this.now };
  readonly appender = new EngineAppender({
    ...{ journal: this.journal, clock: this.#clock, identity: BOT, actor: 'system:engine', state: this.state },
  });
  readonly engine: Engine;
  /** When the session of the clock began. */
  opensAt: EpochMs = timeOf('13:30');
  #last = 0;

  private constructor() {
    const given = this.rules.context();
    const world = (): AccountWorld => this;
    const context = {
      ...given,
      get strategyContext() {
        return { ...given.strategyContext, opensAt: world().opensAt };
      },
    };
    this.appender.sessionDate = context.date;
    this.engine = new Engine({
      ...{ broker: this.account.port, clock: this.#clock, appender: this.appender, effects: LOCKED_HOME },
      ...{ journal: this.journal, context, rules: TRADING_RULES },
    });
  }

  static async open(): Promise<AccountWorld> {
    const world = new AccountWorld();
    for (const { type, data } of world.rules.tape) {
      await world.append(placeOf(type), { type, data, ...CAUSE } as Draft);
    }
    world.now = timeOf('14:05');
    return world;
  }

  async append(stream: StreamName, ...drafts: readonly Draft[]): Promise<void> {
    await this.appender.append(stream, drafts);
  }

  /** Intends an entry as the bot does, and sends it. */
  async enter(words: EntryWords): Promise<string> {
    this.#last += 1;
    const id = orderId(this.#last);
    const intended = this.rules.tape.length;
    entry(this.#last, words)(this.rules);
    for (const { type, data } of this.rules.tape.slice(intended)) {
      await this.append(STREAMS.order(id), { type, data, ...CAUSE } as Draft);
    }
    this.rules.memory.unsent.add(id);
    await this.settle();
    return id;
  }

  async settle(): Promise<void> {
    await this.engine.settle(true);
  }

  /** Delivers the reports that wait, in the order of the numbers; of those that are left out only busts come later. */
  async deliver(order?: readonly number[]): Promise<void> {
    const waiting = this.account.outbox.splice(0);
    const chosen = order === undefined ? waiting : order.flatMap((index) => waiting[index] ?? []);
    this.account.outbox.push(...waiting.filter((update) => update.kind === 'busted' && !chosen.includes(update)));
    for (const update of chosen) {
      await this.engine.onUpdate(update);
      await this.engine.settle(false);
    }
  }

  /** Lets minutes pass in which no symbol trades. */
  async minutes(count: number): Promise<void> {
    for (let minute = 0; minute < count; minute += 1) {
      this.now = plusMs(this.now, MINUTE_MS);
      await this.engine.settle(true);
    }
  }

  /** Cash and shares by the books and by the broker, as texts. */
  both(): { readonly books: readonly string[]; readonly broker: readonly string[] } {
    const held = [...bookPositions(this.state)].filter(([, quantity]) => !quantity.isZero());
    return {
      books: [
        centsToDecimal(bookCash(this.state.book)).shortText(2),
        ...held.map(([symbol, quantity]) => `${symbol} ${quantity.shortText()}`).sort(),
      ],
      broker: [
        this.account.cash.shortText(2),
        ...this.account
          .held()
          .map(({ symbol, quantity }) => `${symbol} ${quantity.shortText()}`)
          .sort(),
      ],
    };
  }

  /** Shares of the bot's positions in a symbol. */
  sharesOfBot(symbol: string): string {
    const open = [...this.state.positions.values()].filter((position) => position.symbol === parseSymbol(symbol));
    return open.map(({ quantity }) => quantity.shortText()).join(' ');
  }

  async events<T extends EventType>(type: T): Promise<readonly RecordedEvent<T>[]> {
    const all = await this.journal.readAll({ limit: 10_000 });
    return all.filter((event): event is RecordedEvent<T> & RecordedEvent => event.type === type);
  }
}

/** The stream of an event with which a session opens. */
function placeOf(type: EventType): StreamName {
  const [place] = placesOf([type], '') ?? [];
  return (place?.isFamily === true ? `${place.name}${DATE}` : (place?.name ?? 'lifecycle')) as StreamName;
}
