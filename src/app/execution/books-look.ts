import { differencesOf, type BrokerFigures, type Difference } from '../../domain/accounting/books-comparison.js';
import { bookCash } from '../../domain/accounting/book.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { ClientOrderId } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import { Decimal } from '../../kernel/decimal.js';
import { TradeBotError } from '../../kernel/errors.js';
import { MINUTE_MS, type Clock } from '../../kernel/time.js';
import type { AccountQueries, BrokerActivity } from '../../ports/account-queries.js';
import type { BrokerConnection } from '../../ports/broker-connection.js';
import type { OpenOrder, OrderEntry } from '../../ports/order-entry.js';
import { intervalAt } from '../../trading/reconciliation/comparison-due.js';
import { pacingTime, type TradingContext } from '../../trading/context.js';
import { isContentRefused } from '../../trading/orders/refused-facts.js';
import {
  comparisonDrafts,
  unknownDraft,
  unsettledOf,
  type Occasion,
} from '../../trading/reconciliation/record-comparison.js';
import {
  isOverdue,
  LOOK_AGAIN_MS,
  ordersOf,
  settleDifferences,
} from '../../trading/reconciliation/settle-differences.js';
import { importPage, readActivities } from '../day/import-activities.js';
import { bookPositions } from '../day/folded-books.js';
import { classify } from '../errors/classify.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import type { Answer, BrokerCalls } from './broker-calls.js';
import type { ForeignReports } from './foreign-reports.js';

/** What a look needs of the engine. */
export interface LookDeps {
  readonly broker: Pick<AccountQueries, 'account' | 'positions' | 'activities'> &
    Pick<OrderEntry, 'openOrders'> &
    Pick<BrokerConnection, 'code'>;
  readonly clock: Clock;
  readonly appender: EngineAppender;
  readonly context: TradingContext;
  readonly calls: BrokerCalls;
  readonly foreign: ForeignReports;
  /** Asks the broker for an order; its answer is handled when it comes. */
  readonly askForOrder: (id: ClientOrderId) => Promise<void>;
}

/** What one look reads of the account. */
interface AccountFigures extends BrokerFigures {
  readonly orders: readonly OpenOrder[];
}

/** Orders that are asked for when a difference is first seen: their reports may have been lost. */
const MOST_ASKED = 8;

/**
 * Looks at the account of the broker (ACC-62). Nothing waits for its answer: an exit or a kill is never later for it. A look that
 * fails says so once; only a difference that settles is recorded.
 */
export class BooksLook {
  /** The activity to which this process has read those of the account, executions too. */
  #readTo: string | undefined;

  constructor(private readonly deps: LookDeps) {}

  /** Begins a look; asked again while one is awaited, that one had no answer in time. */
  async look(occasion: Occasion): Promise<void> {
    const { calls, context, clock } = this.deps;
    const { comparison: memory } = context.memory;
    memory.lookedAt = pacingTime(context, clock.now());
    memory.interval = intervalAt(context, clock.now());
    if (memory.awaited !== undefined) {
      await this.#failed(occasion, `the broker did not answer within ${context.settings.API_TIMEOUT} s`);
      return;
    }
    memory.looks += 1;
    const number = memory.looks;
    memory.awaited = number;
    await calls.post({
      work: () => this.#figures(),
      // the answer of a look that was given up is too old
      take: (answer) => (memory.awaited === number ? this.#answered(occasion, answer) : Promise.resolve()),
    });
  }

  /** The last look of a session: books what others did in the account, and keeps their reports that it does not show. */
  async lookAtEnd(): Promise<void> {
    await this.deps.calls.call({
      work: () => this.#figures(),
      take: async (answer) => {
        if (!answer.ok && !(answer.error instanceof TradeBotError)) throw answer.error;
        if (answer.ok && isReadable(answer.value)) await this.#explain(answer.value);
      },
      gaveUp: () => Promise.resolve(),
    });
    await this.deps.foreign.keepRest();
  }

  /** A list that was not read whole, or a call without an answer, fails the look: unknown is not empty. */
  async #figures(): Promise<AccountFigures> {
    const { broker } = this.deps;
    const [account, positions, orders] = await Promise.all([broker.account(), broker.positions(), broker.openOrders()]);
    return { cash: account.cash, positions, orders };
  }

  get #state(): EngineState {
    return this.deps.appender.state;
  }

  async #answered(occasion: Occasion, answer: Answer<AccountFigures>): Promise<void> {
    this.deps.context.memory.comparison.awaited = undefined;
    if (!answer.ok) {
      await this.#failed(occasion, reasonOf(answer.error));
      return;
    }
    if (!isReadable(answer.value)) {
      await this.#failed(occasion, 'the broker sent figures that are no numbers');
      return;
    }
    try {
      await this.#judge(occasion, answer.value);
    } catch (error) {
      if (!(error instanceof TradeBotError) || !isContentRefused(error)) throw error;
      await this.#failed(occasion, `the figures of the broker cannot be recorded: ${error.message}`);
    }
  }

  async #judge(occasion: Occasion, broker: AccountFigures): Promise<void> {
    const { appender, clock, context, foreign } = this.deps;
    const { comparison: memory } = context.memory;
    await foreign.onList(broker.orders);
    const isEarly = this.#isEarly();
    await foreign.book(broker, !isEarly);
    memory.pauseMs = LOOK_AGAIN_MS;
    const now = clock.now();
    const books = { cash: bookCash(this.#state.book), positions: bookPositions(this.#state) };
    const differences = differencesOf(books, broker);
    if (isEarly) {
      memory.looksAgain = true;
      await this.#askAgain(differences, broker);
      return;
    }
    memory.judgedAt = pacingTime(context, now);
    const { suspects, settled } = settleDifferences(this.#state, differences, memory.suspects, now);
    const look = { occasion, now, books, broker, differences, suspects, settled };
    memory.suspects = suspects;
    const unsettled = unsettledOf(this.#state, look);
    memory.looksAgain = unsettled.length > 0 || memory.foreign.size > 0;
    const drafts = comparisonDrafts(this.#state, look);
    // another process may have resolved a difference meanwhile: the next look decides then
    if (drafts.length > 0) await appender.tryAppend(STREAMS.accounting, drafts);
    else await this.#noteOverdue(occasion);
    await this.#askAgain(differences, broker);
  }

  /** Whether a look comes sooner than those that settle a difference: it only books what others did. */
  #isEarly(): boolean {
    const { clock, context } = this.deps;
    const { judgedAt } = context.memory.comparison;
    return judgedAt !== undefined && pacingTime(context, clock.now()) - judgedAt < LOOK_AGAIN_MS;
  }

  /** Figures that change from look to look for longer than the schedule are neither equal nor different. */
  async #noteOverdue(occasion: Occasion): Promise<void> {
    const { clock, context } = this.deps;
    if (!isOverdue(this.#state, context.settings.BOOKS_COMPARE_MINUTES * MINUTE_MS, clock.now())) return;
    await this.#sayUnknown(occasion, 'the figures of the broker change from look to look while orders are under way');
  }

  /** What may explain differences: reports that were lost, cash that moved without a trade, and orders of others. */
  async #askAgain(differences: readonly Difference[], figures: AccountFigures): Promise<void> {
    if (differences.length === 0) return;
    const { unsent, comparison } = this.deps.context.memory;
    const fresh = differences.filter(({ key }) => comparison.suspects.get(key)?.looks === 1);
    // those of a symbol first: every order moves the cash
    const byNearness = [...fresh].sort((a, b) => Number(a.subject === 'cash') - Number(b.subject === 'cash'));
    const newest = byNearness.flatMap((one) => ordersOf(this.#state, one).toReversed());
    const sent = newest.map(({ intent }) => intent.clientOrderId).filter((id) => !unsent.has(id));
    for (const id of [...new Set([...this.deps.foreign.inDoubt(), ...sent])].slice(0, MOST_ASKED))
      await this.deps.askForOrder(id);
    const { calls } = this.deps;
    const { looks } = comparison;
    await calls.post({
      work: () => this.#activities(),
      take: async (answer) => {
        if (!answer.ok) return;
        await this.#takeActivities(answer.value);
        // later figures are newer than these
        if (comparison.looks === looks && comparison.awaited === undefined)
          await this.deps.foreign.book(figures, false);
      },
    });
  }

  async #explain(figures: AccountFigures): Promise<void> {
    const { calls, foreign } = this.deps;
    await foreign.onList(figures.orders);
    await calls.call({
      work: () => this.#activities(),
      take: async (answer) => {
        if (answer.ok) await this.#takeActivities(answer.value);
        else if (!(answer.error instanceof TradeBotError)) throw answer.error;
        await foreign.book(figures, false);
      },
      gaveUp: () => Promise.resolve(),
    });
  }

  #activities(): Promise<readonly BrokerActivity[]> {
    return readActivities(this.deps.broker, this.#readTo ?? this.#state.lastActivityId);
  }

  async #takeActivities(activities: readonly BrokerActivity[]): Promise<void> {
    await importPage({ ...this.deps, state: this.#state }, activities);
    if (!(await this.deps.foreign.onActivities(activities))) return;
    this.#readTo = activities.at(-1)?.activityId ?? this.#readTo;
  }

  /** It is not known what the account holds: the next look is a minute later. */
  async #failed(occasion: Occasion, reason: string): Promise<void> {
    const { comparison: memory } = this.deps.context.memory;
    memory.awaited = undefined;
    memory.looksAgain = true;
    memory.suspects = new Map();
    memory.pauseMs = LOOK_AGAIN_MS;
    await this.#sayUnknown(occasion, reason);
  }

  /** Once, until the books are known again. */
  async #sayUnknown(occasion: Occasion, reason: string): Promise<void> {
    if (this.#state.comparison.unknownSince !== null) return;
    await this.deps.appender.append(STREAMS.accounting, [unknownDraft(this.#state, occasion, reason)]);
  }
}

function reasonOf(error: unknown): string {
  return classify(error).message;
}

/** An adapter that reads an answer wrongly must not make a difference of it. */
function isReadable({ cash, positions, orders }: AccountFigures): boolean {
  return (
    (cash as unknown) instanceof Decimal &&
    Array.isArray(positions) &&
    positions.every(
      ({ symbol, quantity, averagePrice }) =>
        typeof symbol === 'string' &&
        (quantity as unknown) instanceof Decimal &&
        (averagePrice as unknown) instanceof Decimal,
    ) &&
    Array.isArray(orders) &&
    orders.every(isReadableOrder)
  );
}

const SIDES: readonly OpenOrder['side'][] = ['buy', 'sell'];
const ORDER_STATES: readonly OpenOrder['state'][] = ['working', 'held', 'cancel_pending'];

function isReadableOrder({ brokerOrderId, symbol, side, quantity, filledQuantity, state }: OpenOrder): boolean {
  return (
    typeof brokerOrderId === 'string' &&
    typeof symbol === 'string' &&
    SIDES.includes(side) &&
    (quantity === null || (quantity as unknown) instanceof Decimal) &&
    (filledQuantity as unknown) instanceof Decimal &&
    ORDER_STATES.includes(state)
  );
}
