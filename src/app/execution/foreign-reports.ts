import { isOfThisBot } from '../../domain/orders/client-order-ids.js';
import type { Order } from '../../domain/orders/order.js';
import { differencesOf, type BrokerFigures } from '../../domain/accounting/books-comparison.js';
import { bookCash } from '../../domain/accounting/book.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { canonicalSymbol, type ClientOrderId, type TickerSymbol } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import type { Decimal } from '../../kernel/decimal.js';
import { TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS, type Clock, type EpochMs } from '../../kernel/time.js';
import type { BrokerActivity } from '../../ports/account-queries.js';
import type { BrokerUpdate, OpenOrder } from '../../ports/order-entry.js';
import type { TradingContext } from '../../trading/context.js';
import { executionOfNobody } from '../../trading/orders/broker-news.js';
import { postingPreflight } from '../../trading/orders/posting-preflight.js';
import { isContentRefused } from '../../trading/orders/refused-facts.js';
import { reportFault } from '../../trading/orders/report-form.js';
import {
  endedBy,
  foreignDrafts,
  isBookedForeign,
  ordersInDoubt,
  reportKey,
  shownReports,
  symbolOf,
  type ForeignExecution,
  type ForeignReport,
  type WaitingReport,
} from '../../trading/reconciliation/foreign-fills.js';
import { botCopyDraft, foreignOrderDrafts } from '../../trading/reconciliation/foreign-orders.js';
import { bookPositions } from '../day/folded-books.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import type { ForgottenOrders } from './forgotten-orders.js';
import { keepReport, type RefusalPlace } from './refuse-report.js';

/** What the reports on orders of others need of the engine. */
export interface ForeignDeps {
  readonly appender: EngineAppender;
  readonly clock: Clock;
  readonly context: TradingContext;
  readonly broker: string;
  /** The order of an id, which may be anything; undefined when the journal has none. */
  readonly find: (clientOrderId: string) => Order | ReturnType<ForgottenOrders['find']>;
  /** Takes a report on an order that the journal has; false when the journal is away. */
  readonly takeOurs: (order: Order, update: BrokerUpdate) => Promise<boolean>;
}

/** Code of a broker that has another order under the id of a new one. */
export const ID_TAKEN = 'DUPLICATE_CLIENT_ORDER_ID';
/** An account in which others trade more than this is not one that a bot shares. */
const MOST_WAITING = 1_000;
/** A report that so many looks have not shown is kept for a person. */
const MOST_LOOKS = 6;
/** The account is looked at soon after a report on an order of others: it may have closed a position of the bot. */
const SOON_MS = SECOND_MS;

/**
 * Orders of other programs and persons in the account. They are recorded and shown, never acted on; their executions are
 * booked when the figures of the account show them, and never by a report alone.
 */
export class ForeignReports {
  /** Activities of this process that are known to be of the bot's own orders. */
  readonly #own = new Set<string>();
  /** Executions that the broker took back or corrected. */
  readonly #ended = new Set<string>();
  /** When the broker last answered about an order of the bot that lives. */
  readonly #answeredAt = new Map<string, EpochMs>();

  constructor(private readonly deps: ForeignDeps) {}

  get #state(): EngineState {
    return this.deps.appender.state;
  }

  get #waiting(): Map<string, WaitingReport> {
    return this.deps.context.memory.comparison.foreign;
  }

  get #correlationId(): string {
    return `session/${this.deps.appender.sessionDate ?? ''}`;
  }

  /** A report on an order that the journal does not have. */
  async onReport(update: BrokerUpdate): Promise<void> {
    const { clientOrderId, brokerOrderId } = update;
    if (isOfThisBot(this.deps.context.identity, clientOrderId)) {
      const symbol = 'symbol' in update ? update.symbol : null;
      await this.copyFound({ clientOrderId, brokerOrderId, symbol, sign: 'report' });
    }
    if ('executionId' in update) await this.#wait(update, 'report');
    this.#lookSoon();
  }

  /** The broker has an order of another content under an id that this journal gave. */
  async idTaken({ clientOrderId, symbol }: EventData<'OrderIntended'>): Promise<void> {
    await this.copyFound({ clientOrderId, symbol, brokerOrderId: null, sign: 'id_taken' });
  }

  /** Another copy of this bot trades the account. */
  async copyFound(found: Parameters<typeof botCopyDraft>[1]): Promise<void> {
    const draft = botCopyDraft(this.#state, found, this.#correlationId);
    if (draft !== undefined) await this.deps.appender.append(STREAMS.risk, [draft]);
  }

  /** The whole list of the open orders of the account. */
  async onList(orders: readonly OpenOrder[]): Promise<void> {
    const ids = orders.flatMap(({ clientOrderId }) => clientOrderId ?? []);
    this.deps.context.memory.comparison.listed = { at: this.deps.clock.now(), ids: new Set<string>(ids) };
    const foreign: OpenOrder[] = [];
    for (const order of orders) {
      const { clientOrderId } = order;
      const ours = clientOrderId === null ? undefined : await this.deps.find(clientOrderId);
      // the next list says it again
      if (ours === 'journal away') return;
      if (ours !== undefined) continue;
      foreign.push(order);
      if (clientOrderId === null || !isOfThisBot(this.deps.context.identity, clientOrderId)) continue;
      await this.copyFound({ ...order, clientOrderId, sign: 'open_order' });
    }
    const drafts = foreignOrderDrafts(this.#state, foreign, this.#correlationId);
    if (drafts.length > 0) await this.deps.appender.append(STREAMS.accounting, drafts);
  }

  /** The broker answered about an order of the bot: the books have its fills until now. */
  onAnswer(clientOrderId: ClientOrderId): void {
    for (const id of this.#answeredAt.keys())
      if (!this.#state.liveOrders.has(id as ClientOrderId)) this.#answeredAt.delete(id);
    this.#answeredAt.set(clientOrderId, this.deps.clock.now());
  }

  /** Orders of the bot that have to be asked for before the reports that wait can be booked. */
  inDoubt(): readonly ClientOrderId[] {
    const waiting = [...this.#waiting.values()].filter(({ lookedAt }) => lookedAt !== undefined);
    return waiting.flatMap((one) => {
      const symbol = symbolOf(this.#state, one.report);
      return symbol === undefined
        ? []
        : ordersInDoubt(this.#state, { symbol, group: [one], isAnswered: this.#isAnswered });
    });
  }

  /**
   * Executions in the activities of the account: those of the bot's own orders are reports that were lost. False when the journal
   * is away and the owner of some is unknown: they have to be read again.
   */
  async onActivities(activities: readonly BrokerActivity[]): Promise<boolean> {
    for (const activity of activities) {
      if (activity.kind !== 'fill' || this.#own.has(activity.activityId)) continue;
      const { update } = activity;
      if (reportFault(update) !== undefined || this.#isBeforeBooks(update)) continue;
      const order = await this.deps.find(update.clientOrderId);
      if (order === 'journal away') return false;
      if (order === undefined) await this.#wait(update, 'activity');
      else if (await this.deps.takeOurs(order, update)) this.#own.add(activity.activityId);
      else return false;
    }
    return true;
  }

  /** Books what the figures of the account show. True when it booked something: the books have changed then. */
  async book(figures: BrokerFigures, isEveryLook: boolean): Promise<boolean> {
    for (const [key, { report }] of this.#waiting) if (isBookedForeign(this.#state, report)) this.#waiting.delete(key);
    if (this.#waiting.size === 0) return false;
    const shown = shownReports(this.#state, [...this.#waiting.values()], this.#differences(figures), this.#isAnswered);
    for (const waiting of shown) {
      await this.#record(waiting);
      this.#waiting.delete(reportKey(waiting.report));
    }
    if (isEveryLook) await this.#giveUp(this.#differences(figures).shares);
    return shown.length > 0;
  }

  /** Keeps the reports that no look has shown, at the end of a session. */
  async keepRest(): Promise<void> {
    for (const [key, waiting] of this.#waiting) {
      this.#waiting.delete(key);
      if (waiting.source === 'report') await this.#refuse(waiting, executionOfNobody(waiting.report));
    }
  }

  /** The opening balance has what was executed before it. */
  #isBeforeBooks({ filledAt }: Pick<ForeignExecution, 'filledAt'>): boolean {
    const { booksBeganAt } = this.#state;
    return booksBeganAt === undefined || filledAt <= booksBeganAt;
  }

  #differences({ cash, positions }: BrokerFigures): Parameters<typeof shownReports>[2] {
    const books = { cash: bookCash(this.#state.book), positions: bookPositions(this.#state) };
    const all = differencesOf(books, { cash, positions });
    const shares = new Map<TickerSymbol, Decimal>();
    for (const { symbol, delta } of all) if (symbol !== null) shares.set(symbol, delta);
    return { shares, cash: all.find(({ subject }) => subject === 'cash')?.delta };
  }

  /** An order that was not sent has no fills. */
  readonly #isAnswered = (id: string, since: EpochMs): boolean =>
    this.deps.context.memory.unsent.has(id as ClientOrderId) || (this.#answeredAt.get(id) ?? -1) >= since;

  async #wait(report: ForeignReport & BrokerUpdate, source: WaitingReport['source']): Promise<void> {
    const key = reportKey(report);
    const ended = endedBy(report);
    // an execution that is taken back before the books have it never moved them
    if (ended !== undefined) {
      this.#waiting.delete(ended);
      this.#ended.add(ended);
    }
    if (this.#waiting.has(key) || this.#ended.has(key) || isBookedForeign(this.#state, report)) return;
    if (this.#waiting.size < MOST_WAITING) this.#waiting.set(key, { report, source, looks: 0 });
    else await keepReport(this.#refusals, report, executionOfNobody(report));
  }

  #lookSoon(): void {
    const { comparison } = this.deps.context.memory;
    comparison.looksAgain = true;
    comparison.pauseMs = Math.min(comparison.pauseMs, SOON_MS);
  }

  async #record(waiting: WaitingReport): Promise<void> {
    const { appender, broker, clock } = this.deps;
    const drafts: readonly Draft[] = foreignDrafts(this.#state, waiting, broker);
    if (drafts.length === 0) return;
    const fault = postingPreflight(this.#state, drafts, clock.now());
    if (fault !== undefined) return this.#refuse(waiting, fault);
    try {
      await appender.append(STREAMS.accounting, drafts);
    } catch (error) {
      if (!(error instanceof TradeBotError) || !isContentRefused(error)) throw error;
      await this.#refuse(waiting, error);
    }
  }

  /** A report that stays unproven is kept for a person; an activity of a symbol without a difference is in the books by other ways. */
  async #giveUp(differences: ReadonlyMap<TickerSymbol, Decimal>): Promise<void> {
    for (const [key, waiting] of this.#waiting) {
      const { report, source, looks } = waiting;
      const symbol = report.kind === 'busted' ? undefined : canonicalSymbol(report.symbol);
      const isOpen = source === 'activity' && symbol !== undefined && differences.has(symbol);
      if (looks + 1 < MOST_LOOKS || isOpen) {
        const lookedAt = waiting.lookedAt ?? this.deps.clock.now();
        this.#waiting.set(key, { ...waiting, looks: looks + 1, lookedAt });
        continue;
      }
      this.#waiting.delete(key);
      if (source === 'report') await this.#refuse(waiting, executionOfNobody(report));
    }
  }

  #refuse({ report }: WaitingReport, fault: TradeBotError): Promise<void> {
    return keepReport(this.#refusals, report as BrokerUpdate, fault);
  }

  get #refusals(): RefusalPlace {
    const { appender, broker } = this.deps;
    return { appender, broker, correlationId: this.#correlationId };
  }
}
