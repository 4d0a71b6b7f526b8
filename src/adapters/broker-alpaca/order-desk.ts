import { Subject } from 'rxjs';
import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { BrokerOrder, BrokerUpdate } from '../../ports/order-entry.js';
import { fillsOfOrder } from './activities.js';
import type { AlpacaRest } from './alpaca-rest.js';
import { FillBook, withoutGap, type AlpacaFill } from './fills.js';
import { hasEnded, statusOf, type AlpacaOrder } from './orders.js';
import { fitsAverage, reportsOf } from './reports.js';

/** What is remembered of an order in this process. */
export interface Seen {
  readonly brokerOrderId: string;
  isAcknowledged: boolean;
  isEnded: boolean;
  /** Whether it is compared with the list of the broker. */
  isSought: boolean;
  readonly executions: Set<string>;
  /** Shares that were reported as growth, without their executions: these come too late then. */
  grown: Decimal;
  /** The next piece of news of this order waits for the one before it. */
  turn: Promise<void>;
}

const MOST_ORDERS = 5_000;

/**
 * What is known of orders, from whichever side it came: answers, the stream, the records. Each fact is reported once, an end only after
 * the executions before it.
 */
export class OrderDesk {
  readonly updates$ = new Subject<BrokerUpdate>();
  readonly fills = new FillBook();
  readonly #seen = new Map<ClientOrderId, Seen>();
  /** Orders that the broker made in the name of ours: closing all positions, replacing. */
  readonly #names = new Map<string, ClientOrderId>();
  readonly #ids = new Map<ClientOrderId, string>();

  constructor(private readonly rest: Pick<AlpacaRest, 'activities'>) {}

  /** Our id of an order, which the broker may have under another one. */
  idOf(order: Pick<AlpacaOrder, 'id' | 'clientId'>): ClientOrderId {
    return this.#names.get(order.id) ?? (order.clientId as ClientOrderId);
  }

  /** From now on this order of the broker is reported under that id. */
  name(brokerOrderId: string, id: ClientOrderId): void {
    this.#names.set(brokerOrderId, id);
    this.#ids.set(id, brokerOrderId);
  }

  /** Whether an order of the broker is reported under one of our ids. */
  isNamed(brokerOrderId: string): boolean {
    return this.#names.has(brokerOrderId);
  }

  /** The broker's id of an order that is known here. */
  brokerIdOf(id: ClientOrderId): string | undefined {
    return this.#ids.get(id) ?? this.#seen.get(id)?.brokerOrderId;
  }

  /** Orders that have been seen and not seen to end. */
  live(): readonly { readonly id: ClientOrderId; readonly brokerOrderId: string }[] {
    return [...this.#seen]
      .filter(([, { isEnded, isSought }]) => !isEnded && isSought)
      .map(([id, { brokerOrderId }]) => ({ id, brokerOrderId }));
  }

  /** The broker has no such order any more: it is not looked for until there is news of it. */
  giveUp(id: ClientOrderId): void {
    const seen = this.#seen.get(id);
    if (seen !== undefined) seen.isSought = false;
  }

  /** Takes a state of an order, with the execution that it came with; what is new of it is reported. */
  learn(order: AlpacaOrder, fill?: AlpacaFill): Promise<void> {
    return this.inTurn(order, async (seen) => {
      if (fill !== undefined) this.#tryFill(order, fill);
      await this.#fillGap(order);
      this.#report(order, this.idOf(order), seen);
    });
  }

  /** Does something when all earlier news of an order is handled. */
  inTurn(order: AlpacaOrder, work: (seen: Seen) => void | Promise<void>): Promise<void> {
    const seen = this.#of(this.idOf(order), order.id);
    seen.isSought = true;
    const turn = seen.turn.then(() => work(seen));
    seen.turn = turn.catch(() => undefined);
    return turn;
  }

  /** The answer to a query of an order, with everything about it. */
  async answer(order: AlpacaOrder): Promise<BrokerOrder> {
    await this.learn(order);
    const id = this.idOf(order);
    const updates = reportsOf(order, id, this.fills.of(order.id));
    return {
      clientOrderId: id,
      brokerOrderId: order.id,
      status: statusOf(order),
      filledQuantity: order.filled,
      updates,
    };
  }

  /** After a bust or a correction: executions are read from the records again. */
  forgetFills(brokerOrderId: string): void {
    this.fills.forget(brokerOrderId);
  }

  #of(id: ClientOrderId, brokerOrderId: string): Seen {
    let seen = this.#seen.get(id);
    if (seen === undefined) {
      seen = {
        brokerOrderId,
        isAcknowledged: false,
        isEnded: false,
        isSought: true,
        executions: new Set(),
        grown: Decimal.ZERO,
        turn: Promise.resolve(),
      };
      this.#seen.set(id, seen);
      this.#forgetOldest();
    }
    return seen;
  }

  #forgetOldest(): void {
    if (this.#seen.size <= MOST_ORDERS) return;
    for (const [id, { isEnded, isSought }] of this.#seen) {
      if (!isEnded && isSought) continue;
      this.#seen.delete(id);
      return;
    }
  }

  /** An execution that contradicts the order or the others is not taken: the records decide. */
  #tryFill(order: AlpacaOrder, fill: AlpacaFill): void {
    if (this.fills.judge(fill) !== 'new') return;
    this.fills.add(fill);
    if (!fitsAverage(order, this.fills.of(order.id))) this.fills.remove(fill);
  }

  /** Executions that the order has and nobody reported are read from the records; without an answer the order itself says how much. */
  async #fillGap(order: AlpacaOrder): Promise<void> {
    const known = withoutGap(this.fills.of(order.id)).at(-1)?.to;
    if (order.filled.isZero() || known?.gte(order.filled) === true) return;
    try {
      for (const fill of await fillsOfOrder(this.rest, order.id, order.placedAt)) this.fills.add(fill);
    } catch {
      // what the order itself says of its executions is reported instead
    }
  }

  #report(order: AlpacaOrder, id: ClientOrderId, seen: Seen): void {
    const known = this.fills.of(order.id);
    const isWhole = order.averagePrice !== null || (withoutGap(known).at(-1)?.to ?? Decimal.ZERO).gte(order.filled);
    for (const update of reportsOf(order, id, known)) {
      // an end without the executions before it waits: the order is asked for again
      if (!isWhole && update.kind !== 'acknowledged' && update.kind !== 'filled') continue;
      if (this.#isNew(update, seen)) this.updates$.next(update);
      const total = update.kind === 'filled' ? update.soFar?.quantity : undefined;
      const isGrowth = total !== undefined && !known.some(({ to }) => to.equals(total));
      if (isGrowth) seen.grown = Decimal.max(seen.grown, total);
    }
    if (hasEnded(order) && isWhole) seen.isEnded = true;
  }

  #isNew(update: BrokerUpdate, seen: Seen): boolean {
    if (update.kind === 'acknowledged') {
      if (seen.isAcknowledged || seen.isEnded) return false;
      seen.isAcknowledged = true;
      return true;
    }
    if ('executionId' in update) {
      const isIncluded = update.kind === 'filled' && update.soFar?.quantity.lte(seen.grown) === true;
      if (isIncluded || seen.executions.has(update.executionId)) return false;
      seen.executions.add(update.executionId);
      return true;
    }
    return !seen.isEnded;
  }
}
