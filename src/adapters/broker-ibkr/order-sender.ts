import { brokerError, networkError, type TradeBotError } from '../../kernel/errors.js';
import type { ClientOrderId } from '../../events/names.js';
import type { OrderRequest } from '../../ports/order-entry.js';
import { RunningTimer } from '../clock/running-timer.js';
import type { Contracts } from './contracts.js';
import type { GatewayLine } from './gateway-line.js';
import type { OrderBook } from './order-book.js';
import type { OrderIds } from './order-ids.js';
import type { OrderRecord } from './order-record.js';
import { gatewayOrder, isSameOrder } from './order-shape.js';
import { notSent } from './paced-writer.js';
import { FIRST_QUESTION_ID } from './questions.js';

/** The broker takes no more working orders for one security and side. */
const MOST_WORKING = 20;

export interface SenderDeps {
  readonly line: GatewayLine;
  readonly book: OrderBook;
  readonly contracts: Contracts;
  readonly ids: OrderIds;
  readonly account: () => string | undefined;
  /** An advisor has to answer a dialog for the first order, and others that are sent meanwhile vanish. */
  readonly firstAlone: () => boolean;
  /** Reads open orders, executions and completed orders, or throws. */
  readonly lookUp: () => Promise<void>;
  readonly answerMs: number;
}

/** What this process knows of the sending of one order. */
interface Sent {
  orderId: number;
  /** The gateway has used the id already, and nothing of this order was found. */
  needsNewId: boolean;
  /** It was sent and nothing was heard: it is not sent again before the lists were read. */
  silent: boolean;
  answer: { resolve: () => void; reject: (error: Error) => void; timer: RunningTimer } | undefined;
  /** Ends with the answer that is waited for. */
  answered: Promise<void>;
}

/** Sends orders, each under an id of its own that no order ever had, and waits for the first thing that the gateway says. */
export class OrderSender {
  readonly #sent = new Map<ClientOrderId, Sent>();
  #nextValidId = 0;
  #first: Promise<void> | undefined;
  #firstDone = false;

  constructor(private readonly deps: SenderDeps) {}

  /** The gateway's next id: the lowest that it takes. It may be lower than before. */
  noteNextValidId(id: number): void {
    this.#nextValidId = id;
  }

  /** A new connection: its first order may have to travel alone again. */
  opened(): void {
    this.#firstDone = false;
    this.#first = undefined;
  }

  async submit(request: OrderRequest): Promise<void> {
    const { line, book } = this.deps;
    const { clientOrderId } = request;
    const order = gatewayOrder(request, this.deps.account());
    const known = book.record(clientOrderId);
    if (known !== undefined && (await this.#isKnown(known, request))) return;
    this.#needLine();
    this.#refuseTooMany(request);
    await this.#turn(clientOrderId);
    this.#needLine();
    // the same order a second time while the first is under way
    if (this.isWaiting(clientOrderId)) return this.#sent.get(clientOrderId)?.answered;
    const sent = this.#idFor(clientOrderId);
    const record = book.begin(clientOrderId, sent.orderId);
    record.request = request;
    [record.symbol, record.side] = [request.symbol, request.side];
    record.quantity = request.quantity ?? undefined;
    const contract = this.deps.contracts.contractOf(request.symbol);
    const answered = this.#answerOf(clientOrderId, sent);
    sent.answered = answered;
    // it may fail while the message still waits for its turn
    answered.catch(() => undefined);
    try {
      await line.send('urgent', (encoder) => encoder.placeOrder(sent.orderId, contract, order));
    } catch (error) {
      this.#end(sent)?.resolve();
      await answered;
      throw error;
    }
    sent.silent = true;
    await answered;
  }

  /** The gateway has said something about an order: it has it, or it has refused it. */
  heard(record: OrderRecord): void {
    const sent = this.#sent.get(record.clientOrderId);
    if (sent === undefined) return;
    sent.silent = false;
    this.#end(sent)?.resolve();
  }

  /** The id was used before. Whether for this order, the lists say. */
  idUsed(record: OrderRecord, text: string): void {
    const sent = this.#sent.get(record.clientOrderId);
    if (sent === undefined) return;
    sent.needsNewId = true;
    // the answer is a next id that is above those of which this process knows nothing
    this.deps.line.send('plain', (encoder) => encoder.reqIds(1)).catch(() => undefined);
    this.#end(sent)?.reject(unknownOutcome(record.clientOrderId, `its id ${sent.orderId} was used before: ${text}`));
  }

  /** What was under way has no answer any more. */
  lost(reason: string): void {
    for (const [id, sent] of this.#sent) this.#end(sent)?.reject(unknownOutcome(id, reason));
  }

  /** Whether an order was sent and its answer is still waited for. */
  isWaiting(id: ClientOrderId): boolean {
    return this.#sent.get(id)?.answer !== undefined;
  }

  /** The lists were read whole, and the order was in none of them. */
  notFound(id: ClientOrderId): void {
    const sent = this.#sent.get(id);
    if (sent !== undefined) sent.silent = false;
  }

  /** An order that the gateway has is not sent again. A silent one is looked for first. */
  async #isKnown(record: OrderRecord, request: OrderRequest): Promise<boolean> {
    const sent = this.#sent.get(record.clientOrderId);
    if (!record.seen && sent?.silent === true) {
      await this.deps.lookUp();
      this.notFound(record.clientOrderId);
    }
    if (!record.seen) return false;
    if (!isSameContent(record, request)) throw duplicate(request);
    return true;
  }

  #needLine(): void {
    const { line } = this.deps;
    if (!line.isUp) throw notSent(line.failure);
  }

  #refuseTooMany({ symbol, side, clientOrderId }: OrderRequest): void {
    const working = this.deps.book
      .records()
      .filter((each) => !each.isEnded && each.seen && each.symbol === symbol && each.side === side);
    if (working.length < MOST_WORKING) return;
    throw brokerError('refuse', {
      code: 'TOO_MANY_WORKING_ORDERS',
      message: `order ${clientOrderId} would be one more than ${MOST_WORKING} working orders to ${side} ${symbol}`,
      remedy: 'Cancel orders of the symbol that are not needed.',
    });
  }

  /** The first order of a connection travels alone where a person may have to answer for it. */
  async #turn(id: ClientOrderId): Promise<void> {
    if (!this.deps.firstAlone() || this.#firstDone) return;
    if (this.#first !== undefined) {
      await this.#first;
      return;
    }
    this.#first = new Promise<void>((resolve) => {
      const timer = new RunningTimer(this.deps.answerMs, () => resolve());
      this.#onFirst = (answered) => {
        if (answered !== id) return;
        timer.cancel();
        resolve();
      };
    }).then(() => {
      this.#firstDone = true;
    });
  }

  #onFirst: (id: ClientOrderId) => void = () => undefined;

  /** The same id again for an order that the gateway never had: if it had it after all, it knows it by that. */
  #idFor(id: ClientOrderId): Sent {
    const known = this.#sent.get(id);
    if (known !== undefined && !known.needsNewId) return known;
    const { book, ids } = this.deps;
    const orderId = Math.max(this.#nextValidId, ids.highest() + 1, book.highestOrderId + 1, 1);
    if (orderId >= FIRST_QUESTION_ID) {
      throw brokerError('refuse', {
        code: 'ORDER_IDS_USED_UP',
        message: `order ${id} would have the id ${orderId} at the gateway`,
        remedy: 'Choose another client id, or reset the order ids in TWS or IB Gateway.',
      });
    }
    // durable before the order leaves
    ids.use(orderId);
    book.highestOrderId = orderId;
    const sent: Sent = { orderId, needsNewId: false, silent: false, answer: undefined, answered: Promise.resolve() };
    this.#sent.set(id, sent);
    return sent;
  }

  #answerOf(id: ClientOrderId, sent: Sent): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const timer = new RunningTimer(this.deps.answerMs, () => {
        this.#end(sent)?.reject(unknownOutcome(id, `the gateway said nothing for ${this.deps.answerMs / 1_000} s`));
      });
      sent.answer = { resolve, reject, timer };
    }).then(
      () => this.#onFirst(id),
      (error: unknown) => {
        this.#onFirst(id);
        throw error;
      },
    );
  }

  #end(sent: Sent): Sent['answer'] {
    const { answer } = sent;
    sent.answer = undefined;
    answer?.timer.cancel();
    return answer;
  }
}

function isSameContent(record: OrderRecord, request: OrderRequest): boolean {
  if (record.request !== undefined) return isSameOrder(record.request, request);
  const { quantity } = request;
  const sameQuantity = record.quantity === undefined || quantity === null || record.quantity.equals(quantity);
  return record.symbol === request.symbol && record.side === request.side && sameQuantity;
}

function duplicate({ clientOrderId }: OrderRequest): TradeBotError {
  return brokerError('refuse', {
    code: 'DUPLICATE_CLIENT_ORDER_ID',
    message: `order ${clientOrderId} is known at the broker with another content`,
    remedy: 'Report this with the journal position: an id of an order was given twice.',
  });
}

function unknownOutcome(id: ClientOrderId, why: string): TradeBotError {
  return networkError('reconcile', {
    code: 'ORDER_UNANSWERED',
    message: `what became of order ${id} is not known: ${why}`,
    remedy: 'Open orders, executions and completed orders are read before anything else is sent for it.',
  });
}
