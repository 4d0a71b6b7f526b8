import type { ClientOrderId } from '../../events/names.js';
import { brokerError, networkError, type TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { Clock, EpochMs } from '../../kernel/time.js';
import type { BrokerOrder, BrokerUpdate, OpenOrder, OrderRequest } from '../../ports/order-entry.js';
import { RunningTimer } from '../clock/running-timer.js';
import { completedOrdersList, executionsQuestion, openOrdersList } from './account-lists.js';
import type { Contracts } from './contracts.js';
import { errorCodeOf, orderVerdict } from './error-codes.js';
import type { GatewayLine } from './gateway-line.js';
import type { GatewayMessage, MessageOf } from './messages.js';
import { OrderBook } from './order-book.js';
import type { OrderIds } from './order-ids.js';
import type { OrderRecord, PlacedOrder } from './order-record.js';
import { OrderSender } from './order-sender.js';
import { notSent } from './paced-writer.js';
import { SharedList } from './shared-list.js';

/** How long after a state that misses executions they are asked for, in milliseconds. */
const MISSING_WAIT_MS = 500;

/** An order that is absent from whole lists for so long has ended, in milliseconds of the clock. */
const PURGED_AFTER_MS = 10_000;

/** A remark of the gateway or of the adapter. */
export interface IbkrNote {
  readonly code: string;
  readonly message: string;
}

export interface DeskDeps {
  readonly line: GatewayLine;
  readonly contracts: Contracts;
  readonly clock: Clock;
  readonly clientId: number;
  readonly ids: OrderIds;
  readonly account: () => string | undefined;
  readonly answerMs: number;
  readonly chargeWaitMs: number;
  readonly emit: (update: BrokerUpdate) => void;
  readonly keep: (channel: string, text: string) => Sha256Hex;
  readonly note: (note: IbkrNote) => void;
}

/** A cancel whose answer is waited for; all who ask for the same one wait for it together. */
interface PendingCancel {
  readonly answered: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Orders in, and what the gateway says of them. */
export class OrderDesk {
  readonly book: OrderBook;
  readonly #sender: OrderSender;
  readonly #openOrders: SharedList<readonly OpenOrder[]>;
  readonly #completed: SharedList<'read'>;
  readonly #cancels = new Map<ClientOrderId, PendingCancel>();
  readonly #asking = new Set<OrderRecord>();

  constructor(private readonly deps: DeskDeps) {
    const { line, clock, clientId, account, emit, chargeWaitMs } = deps;
    this.book = new OrderBook({
      ...{ clock, clientId, account, emit, holdMs: chargeWaitMs },
      zone: () => line.session?.zone ?? 'America/New_York',
      doubled: (record, placed) => this.#cancelDouble(record, placed),
    });
    this.#sender = new OrderSender({
      ...{ line, book: this.book, contracts: deps.contracts, ids: deps.ids, account, answerMs: deps.answerMs },
      firstAlone: () => this.#isAdvisor,
      lookUp: () => this.lookUp(),
    });
    this.#openOrders = new SharedList(line, openOrdersList);
    this.#completed = new SharedList(line, completedOrdersList);
  }

  submit(order: OrderRequest): Promise<void> {
    return this.#sender.submit(order);
  }

  lost(reason: string): void {
    this.#sender.lost(reason);
    for (const [id, cancel] of [...this.#cancels]) cancel.reject(unansweredCancel(id));
  }

  /** A connection is ready, or the link of the gateway is back. */
  opened(): void {
    this.#sender.opened();
  }

  async cancel(clientOrderId: ClientOrderId): Promise<void> {
    this.#needLine();
    if (this.book.record(clientOrderId)?.seen !== true) await this.lookUp();
    const record = this.book.record(clientOrderId);
    if (record?.seen !== true) {
      throw brokerError('refuse', {
        code: 'UNKNOWN_ORDER',
        message: `the broker has no order ${clientOrderId} to cancel`,
        remedy: 'It may be of an earlier day; what the journal has of it counts.',
      });
    }
    if (record.isEnded) return;
    record.cancelRequested = true;
    const ids = record.live.map(({ orderId }) => orderId).filter((id) => id > 0);
    if (ids.length === 0) throw foreignOrder(clientOrderId);
    await this.#sendCancels(clientOrderId, ids);
  }

  async cancelAll(): Promise<void> {
    this.#needLine();
    for (const record of this.book.records()) if (!record.isEnded) record.cancelRequested = true;
    await this.deps.line.send('urgent', (encoder) => encoder.reqGlobalCancel({}));
  }

  async find(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined> {
    this.#needLine();
    if (this.#sender.isWaiting(clientOrderId)) {
      throw networkError('retry', {
        code: 'ORDER_UNDER_WAY',
        message: `order ${clientOrderId} was sent and the answer is still waited for`,
        remedy: 'It is asked for again.',
      });
    }
    await this.lookUp();
    const record = this.book.record(clientOrderId);
    if (record?.seen !== true) {
      this.#sender.notFound(clientOrderId);
      return undefined;
    }
    return record.answer();
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    this.#needLine();
    return this.#openOrders.read();
  }

  /** Open orders, executions and completed orders: an order that is in none of them is not at the broker. */
  async lookUp(): Promise<void> {
    this.#needLine();
    const from = this.deps.clock.now();
    // an order that was taken meanwhile may be missing from a list that was made before
    const known = this.book.records().filter(({ isEnded, acknowledged }) => acknowledged && !isEnded);
    const open = await this.#openOrders.read();
    // an order that ended before that list was made is in those that are made after it
    await Promise.all([this.deps.line.ask(executionsQuestion()), this.#completed.read()]);
    this.#endAbsent(known, new Set(open.map(({ clientOrderId }) => clientOrderId)), from);
  }

  /** An order that was open, and is in no list any more: the broker has purged it. */
  #endAbsent(known: readonly OrderRecord[], open: ReadonlySet<ClientOrderId | null>, now: EpochMs): void {
    for (const record of known) {
      if (record.isEnded) continue;
      if (open.has(record.clientOrderId)) {
        record.absentSince = undefined;
        continue;
      }
      record.absentSince ??= now;
      if (!record.cancelRequested && now - record.absentSince < PURGED_AFTER_MS) continue;
      const reason = 'it is in no list of the broker any more';
      record.purged(reason, this.deps.keep('open orders', `${record.clientOrderId}: ${reason}`));
    }
  }

  /** A message about orders. */
  take(message: GatewayMessage, text: string): void {
    if (message.kind === 'nextValidId') this.#sender.noteNextValidId(message.id);
    if (message.kind === 'error') {
      this.#error(message, text);
      return;
    }
    for (const list of [this.#openOrders, this.#completed]) list.noteLate(message);
    this.book.take(message, () => this.deps.keep(message.kind, text));
    this.#afterwards(message);
  }

  /** An advisor's login has several accounts, or one whose name begins with F. */
  get #isAdvisor(): boolean {
    const accounts = this.deps.line.session?.accounts ?? [];
    return accounts.length > 1 || accounts.some((each) => /^D?F/.test(each));
  }

  #needLine(): void {
    const { line } = this.deps;
    if (!line.isUp) throw notSent(line.failure);
  }

  /** Those who wait for an order hear of it; executions that a state speaks of and that did not come are asked for. */
  #afterwards(message: GatewayMessage): void {
    if (message.kind !== 'openOrder' && message.kind !== 'orderStatus' && message.kind !== 'execution') return;
    const record = this.book.byOrderId(message.orderId);
    if (record?.seen !== true) return;
    this.#sender.heard(record);
    if (record.isEnded || (message.kind !== 'execution' && message.status === 'PendingCancel')) {
      this.#cancels.get(record.clientOrderId)?.resolve();
    }
    if (message.kind === 'orderStatus' && record.missesExecutions) this.#askForExecutions(record);
  }

  #askForExecutions(record: OrderRecord): void {
    if (this.#asking.has(record)) return;
    this.#asking.add(record);
    new RunningTimer(MISSING_WAIT_MS, () => {
      this.#asking.delete(record);
      if (record.missesExecutions && this.deps.line.isUp)
        this.deps.line.ask(executionsQuestion()).catch(() => undefined);
    });
  }

  #error({ id, code, text }: MessageOf<'error'>, frame: string): void {
    const record = this.book.byOrderId(id);
    if (record === undefined) {
      this.#note(`IBKR_${code}`, text);
      return;
    }
    const raw = this.deps.keep('error', frame);
    const refused = { code: errorCodeOf(code, text), message: text };
    switch (orderVerdict(code, text, record.acknowledged)) {
      case 'notice':
        this.#note(refused.code, `order ${record.clientOrderId}: ${text}`);
        return;
      case 'cancelled':
        record.cancelled(record.placed.get(id), text, raw);
        break;
      case 'cancel_answered':
        this.#cancels.get(record.clientOrderId)?.resolve();
        this.lookUp().catch(() => undefined);
        return;
      case 'id_used':
        this.#sender.idUsed(record, `${text} (${code})`);
        return;
      case 'refused':
        record.refuse(refused, raw);
        break;
      case 'unknown':
        record.noteError(refused);
        this.#note(refused.code, `order ${record.clientOrderId}: ${text}`);
        this.#refuseWhenAbsent(record, refused, raw);
        return;
    }
    this.#sender.heard(record);
    this.#cancels.get(record.clientOrderId)?.resolve();
  }

  /** An error of an unknown meaning: when the order is in no list, it was not taken. */
  #refuseWhenAbsent(record: OrderRecord, refused: IbkrNote, raw: Sha256Hex): void {
    this.lookUp().then(
      () => {
        if (record.seen) return;
        record.refuse(refused, raw);
        this.#sender.heard(record);
      },
      () => undefined,
    );
  }

  #note(code: string, message: string): void {
    this.deps.note({ code, message });
  }

  /** Two orders live under one id: a change or a repeated order came through twice. The newer one goes. */
  #cancelDouble(record: OrderRecord, placed: PlacedOrder): void {
    this.#note(
      'ORDER_DOUBLED',
      `order ${record.clientOrderId} is twice at the broker (${placed.permId} too); the newer one is cancelled`,
    );
    if (placed.orderId > 0)
      this.deps.line.send('urgent', (encoder) => encoder.cancelOrder(placed.orderId, {})).catch(() => undefined);
  }

  async #sendCancels(clientOrderId: ClientOrderId, ids: readonly number[]): Promise<void> {
    const { answered, resolve } = this.#cancels.get(clientOrderId) ?? this.#pendingCancel(clientOrderId);
    try {
      for (const id of ids) await this.deps.line.send('urgent', (encoder) => encoder.cancelOrder(id, {}));
    } catch (error) {
      resolve();
      await answered;
      throw error;
    }
    await answered;
  }

  #pendingCancel(clientOrderId: ClientOrderId): PendingCancel {
    let settle: Pick<PendingCancel, 'resolve' | 'reject'> | undefined;
    const answered = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    const end = (): void => {
      timer.cancel();
      this.#cancels.delete(clientOrderId);
    };
    const pending: PendingCancel = {
      answered,
      resolve: () => {
        end();
        settle?.resolve();
      },
      reject: (error) => {
        end();
        settle?.reject(error);
      },
    };
    const timer = new RunningTimer(this.deps.answerMs, () => pending.reject(unansweredCancel(clientOrderId)));
    // it may fail while the message still waits for its turn
    answered.catch(() => undefined);
    this.#cancels.set(clientOrderId, pending);
    return pending;
  }
}

function foreignOrder(id: ClientOrderId): TradeBotError {
  return brokerError('refuse', {
    code: 'ORDER_OF_OTHER_CLIENT',
    message: `order ${id} was placed under another client id, and only that client may cancel it`,
    remedy: 'Cancel it in TWS, or run the bot with the client id that placed it.',
  });
}

function unansweredCancel(id: ClientOrderId): TradeBotError {
  return networkError('reconcile', {
    code: 'CANCEL_UNANSWERED',
    message: `the gateway did not answer the cancel of order ${id} in time`,
    remedy: 'The order is asked for; it may still trade.',
  });
}
