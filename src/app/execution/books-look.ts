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
import { intervalAt } from '../../trading/reconciliation/comparison-due.js';
import { pacingTime, type TradingContext } from '../../trading/context.js';
import { isContentRefused } from '../../trading/orders/refused-facts.js';
import {
  comparisonDrafts,
  unknownDraft,
  unsettledOf,
  type Occasion,
} from '../../trading/reconciliation/record-comparison.js';
import { isOverdue, ordersOf, settleDifferences } from '../../trading/reconciliation/settle-differences.js';
import { activitiesAfter, importPage } from '../day/import-activities.js';
import { bookPositions } from '../day/folded-books.js';
import { classify } from '../errors/classify.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import type { Answer, BrokerCalls } from './broker-calls.js';

/** What a look needs of the engine. */
export interface LookDeps {
  readonly broker: Pick<AccountQueries, 'account' | 'positions' | 'activities'> & Pick<BrokerConnection, 'code'>;
  readonly clock: Clock;
  readonly appender: EngineAppender;
  readonly context: TradingContext;
  readonly calls: BrokerCalls;
  /** Asks the broker for an order; its answer is handled when it comes. */
  readonly askForOrder: (id: ClientOrderId) => Promise<void>;
}

/** Orders that are asked for when a difference is first seen: their reports may have been lost. */
const MOST_ASKED = 8;

/**
 * Looks at the account of the broker (ACC-62). Nothing waits for its answer: an exit or a kill is never later for it. A look that
 * fails says so once; only a difference that settles is recorded.
 */
export class BooksLook {
  constructor(private readonly deps: LookDeps) {}

  /** Begins a look; asked again while one is awaited, that one had no answer in time. */
  async look(occasion: Occasion): Promise<void> {
    const { broker, calls, context, clock } = this.deps;
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
      work: async () => {
        const [account, positions] = await Promise.all([broker.account(), broker.positions()]);
        return { cash: account.cash, positions };
      },
      // the answer of a look that was given up is too old
      take: (answer) => (memory.awaited === number ? this.#answered(occasion, answer) : Promise.resolve()),
    });
  }

  get #state(): EngineState {
    return this.deps.appender.state;
  }

  async #answered(occasion: Occasion, answer: Answer<BrokerFigures>): Promise<void> {
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

  async #judge(occasion: Occasion, broker: BrokerFigures): Promise<void> {
    const { appender, clock, context } = this.deps;
    const { comparison: memory } = context.memory;
    const now = clock.now();
    const books = { cash: bookCash(this.#state.book), positions: bookPositions(this.#state) };
    const differences = differencesOf(books, broker);
    const before = memory.suspects;
    const { suspects, settled } = settleDifferences(this.#state, differences, before, now);
    const look = { occasion, now, books, broker, differences, suspects, settled };
    memory.suspects = suspects;
    const unsettled = unsettledOf(this.#state, look);
    memory.looksAgain = unsettled.length > 0;
    const drafts = comparisonDrafts(this.#state, look);
    // another process may have resolved a difference meanwhile: the next look decides then
    if (drafts.length > 0) await appender.tryAppend(STREAMS.accounting, drafts);
    else await this.#noteOverdue(occasion);
    await this.#askAgain(unsettled.filter((one) => suspects.get(one.key)?.looks === 1));
  }

  /** Figures that change from look to look for longer than the schedule are neither equal nor different. */
  async #noteOverdue(occasion: Occasion): Promise<void> {
    const { clock, context } = this.deps;
    if (!isOverdue(this.#state, context.settings.BOOKS_COMPARE_MINUTES * MINUTE_MS, clock.now())) return;
    await this.#sayUnknown(occasion, 'the figures of the broker change from look to look while orders are under way');
  }

  /** What may explain a new difference: reports that were lost, and cash that moved without a trade. */
  async #askAgain(fresh: readonly Difference[]): Promise<void> {
    const { broker, calls } = this.deps;
    const { unsent } = this.deps.context.memory;
    // those of a symbol first: every order moves the cash
    const byNearness = [...fresh].sort((a, b) => Number(a.subject === 'cash') - Number(b.subject === 'cash'));
    const newest = byNearness.flatMap((one) => ordersOf(this.#state, one).toReversed());
    const sent = newest.map(({ intent }) => intent.clientOrderId).filter((id) => !unsent.has(id));
    for (const id of [...new Set(sent)].slice(0, MOST_ASKED)) await this.deps.askForOrder(id);
    if (!fresh.some(({ subject }) => subject === 'cash')) return;
    await calls.post({
      work: () => activitiesAfter(broker, this.#state.lastActivityId),
      take: (answer: Answer<readonly BrokerActivity[]>) =>
        answer.ok ? importPage({ ...this.deps, state: this.#state }, answer.value) : Promise.resolve(),
    });
  }

  async #failed(occasion: Occasion, reason: string): Promise<void> {
    const { comparison: memory } = this.deps.context.memory;
    memory.awaited = undefined;
    memory.looksAgain = true;
    memory.suspects = new Map();
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
function isReadable({ cash, positions }: BrokerFigures): boolean {
  return (
    (cash as unknown) instanceof Decimal &&
    Array.isArray(positions) &&
    positions.every(
      ({ symbol, quantity, averagePrice }) =>
        typeof symbol === 'string' &&
        (quantity as unknown) instanceof Decimal &&
        (averagePrice as unknown) instanceof Decimal,
    )
  );
}
