import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { brokerError, networkError, TradeBotError } from '../../kernel/errors.js';
import { plusMs, type Clock } from '../../kernel/time.js';
import type { BrokerOrder, CallBudget, OpenOrder, OrderChange, OrderRequest } from '../../ports/order-entry.js';
import type { Stopwatch } from '../../ports/stopwatch.js';
import { pauseMs } from '../broker-common/pause.js';
import { openOrdersOf } from './open-orders.js';
import { formOf, isClosing, isSameOrder, sidesAgainst } from './order-form.js';
import type { OrderLook } from './order-look.js';
import type { OrderTracker } from './order-tracker.js';
import { wireSymbol } from './symbols.js';
import type { TradierApi } from './tradier-api.js';
import { isFinal, type TradierOrder } from './wire-order.js';

/** When an order that no list shows counts as absent. */
export interface AbsenceProof {
  /** Looks without it. */
  readonly looks: number;
  /** Milliseconds of machine time over which they are spread. */
  readonly spanMs: number;
  /** Between two of them. */
  readonly pauseMs: number;
}

/** A new order has shown late by half a minute. */
export const ABSENCE_PROOF: AbsenceProof = { looks: 5, spanMs: 45_000, pauseMs: 1_000 };

/** For ids that nothing has sent before this process: one of it that got no answer is looked for in the list all the same. */
export const ABSENCE_PROOF_OF_KILL: AbsenceProof = { looks: 3, spanMs: 3_000, pauseMs: 500 };

export interface TradierOrdersOptions {
  readonly api: TradierApi;
  readonly tracker: OrderTracker;
  readonly look: OrderLook;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly absence: AbsenceProof;
  /** Machine time of the connect; undefined before it. */
  readonly connectedAt: () => number | undefined;
}

/** Another try to cancel an order that nobody counts on. */
const CANCEL_AGAIN_MS = 5_000;

/**
 * Orders in: placed once, found by their tag, cancelled, changed. The broker has no idempotency key and refuses no tag that it has
 * already: whether an order that got no answer exists is only known after several looks over a span of time.
 */
export class TradierOrders {
  readonly #asked = new Map<ClientOrderId, Promise<BrokerOrder | undefined>>();
  readonly #cancelling = new Map<string, number>();

  constructor(private readonly options: TradierOrdersOptions) {}

  /** @throws BrokerError (refuse), NetworkError retry (nothing was sent) or reconcile (the outcome is unknown) */
  async submit(order: OrderRequest): Promise<void> {
    const { api, tracker, look, stopwatch } = this.options;
    const form = formOf(order);
    const id = order.clientOrderId;
    this.#connected();
    if (this.#isKnown(order)) return;
    this.#refuseAgainst(order);
    tracker.sending(order);
    try {
      tracker.accepted(id, await api.place(form, `order ${id}`, isClosing(order) ? 'closing' : 'ordinary'));
    } catch (error) {
      if (error instanceof TradeBotError && error.callerMust !== 'reconcile') tracker.notSent(id);
      else tracker.unanswered(id, stopwatch.elapsedMs());
      throw error;
    } finally {
      look.hint();
    }
  }

  /** Resolves when the broker has taken the cancel, or the order has ended. @throws BrokerError UNKNOWN_ORDER (refuse) */
  async cancel(id: ClientOrderId): Promise<void> {
    const { api, tracker, look } = this.options;
    this.#connected();
    if (tracker.brokerIdOf(id) === undefined) await look.fresh();
    const brokerOrderId = tracker.brokerIdOf(id);
    if (brokerOrderId === undefined) throw unknownOrder(id);
    const shown = tracker.shown(id);
    if (shown !== undefined && isFinal(shown)) return;
    try {
      await api.cancel(brokerOrderId, `the cancel of order ${id}`);
      this.#cancelling.set(brokerOrderId, this.options.stopwatch.elapsedMs());
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'ORDER_HAS_ENDED') throw error;
    } finally {
      look.hint();
    }
  }

  /** Changes the prices of an open order; the broker changes no quantity. */
  async replace(id: ClientOrderId, change: OrderChange): Promise<void> {
    const { api, tracker, look } = this.options;
    this.#connected();
    if (tracker.shown(id) === undefined) await look.fresh();
    const shown = tracker.shown(id);
    if (shown === undefined) throw unknownOrder(id);
    const open = shown.quantity.minus(shown.executed);
    if (!open.equals(change.quantity)) {
      throw brokerError('refuse', {
        code: 'REPLACE_QUANTITY_FIXED',
        message: `TRADIER cannot change order ${id} from ${open.shortText()} to ${change.quantity.shortText()} open shares`,
        remedy: 'Cancel it, and place another one when it has ended.',
      });
    }
    try {
      await api.change(shown.id, changeForm(shown, change), `the change of order ${id}`);
    } finally {
      look.hint();
    }
  }

  /** The order with everything reported about it; undefined when several looks over a span of time have not shown it. */
  orderByClientId(id: ClientOrderId): Promise<BrokerOrder | undefined> {
    let asked = this.#asked.get(id);
    if (asked === undefined) {
      asked = this.#find(id).finally(() => this.#asked.delete(id));
      this.#asked.set(id, asked);
    }
    return asked;
  }

  async openOrders(): Promise<readonly OpenOrder[]> {
    this.#connected();
    const { look, tracker } = this.options;
    const { orders } = await look.fresh();
    // an order may be missing from a list for a while; its own address decides
    const missing: string[] = [];
    for (const id of tracker.openButMissing(orders)) if (await this.#detail(id)) missing.push(id);
    const all = [...orders, ...tracker.openOf(missing)];
    return openOrdersOf(all, (id) => this.#cancelling.has(id));
  }

  /** Order calls that are left in this minute, for closing and cancelling. */
  budget(): CallBudget {
    const { api, clock } = this.options;
    const { left, nextFreeMs } = api.orderCalls.room('closing');
    const spare = api.orderCalls.room('ordinary').left;
    return { left, spare, nextFreeAt: plusMs(clock.now(), nextFreeMs) };
  }

  /** Cancels orders that showed after they had been reported as unknown: nobody counts on them, and another may stand for them. */
  async cancelLate(): Promise<void> {
    const { api, tracker, stopwatch } = this.options;
    for (const brokerOrderId of tracker.lateOpen) {
      const last = this.#cancelling.get(brokerOrderId);
      if (last !== undefined && stopwatch.elapsedMs() - last < CANCEL_AGAIN_MS) continue;
      this.#cancelling.set(brokerOrderId, stopwatch.elapsedMs());
      try {
        await api.cancel(brokerOrderId, `the cancel of the late order ${brokerOrderId}`);
      } catch (error) {
        // it is tried again as long as the order is open
        if (!(error instanceof TradeBotError)) throw error;
      }
    }
  }

  async #find(id: ClientOrderId): Promise<BrokerOrder | undefined> {
    const { look, tracker, stopwatch, absence } = this.options;
    const connectedAt = this.#connected();
    for (;;) {
      const { orders } = await look.fresh();
      const brokerOrderId = tracker.brokerIdOf(id);
      if (brokerOrderId !== undefined && !orders.some((one) => one.id === brokerOrderId))
        await this.#detail(brokerOrderId);
      const found = tracker.brokerOrder(id);
      if (found !== undefined) return found;
      if (brokerOrderId !== undefined) throw notShown(id);
      const from = tracker.absentFrom(id, connectedAt);
      const isOver = from !== undefined && stopwatch.elapsedMs() - from >= absence.spanMs;
      if (from !== undefined && isOver && look.looksSince(from) >= absence.looks) {
        tracker.declareAbsent(id);
        return undefined;
      }
      await pauseMs(absence.pauseMs);
      this.#connected();
    }
  }

  /** Whether its own address shows an order: it may be missing there too, for a while. */
  async #detail(brokerOrderId: string): Promise<boolean> {
    try {
      await this.options.look.detail(brokerOrderId);
      return true;
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'UNKNOWN_ORDER') throw error;
      return false;
    }
  }

  /** Whether the broker has the order, or may have it. @throws BrokerError DUPLICATE_CLIENT_ORDER_ID, NetworkError reconcile */
  #isKnown(order: OrderRequest): boolean {
    const { tracker } = this.options;
    const id = order.clientOrderId;
    const sent = tracker.requestOf(id);
    if (sent !== undefined && !isSameOrder(sent, order)) throw duplicate(id);
    const shown = tracker.shown(id);
    if (shown !== undefined) {
      if (isShownAs(shown, order)) return true;
      throw duplicate(id);
    }
    if (sent === undefined) return false;
    if (tracker.brokerIdOf(id) !== undefined) return true;
    throw networkError('reconcile', {
      code: 'OUTCOME_UNKNOWN',
      message: `order ${id} was sent before and got no answer`,
      remedy: 'It is not sent twice: the broker is asked for it first.',
    });
  }

  /** A long position must be closed before a short one opens: the broker takes no order that crosses zero. */
  #refuseAgainst(order: OrderRequest): void {
    const against = this.options.tracker.openAgainst(wireSymbol(order.symbol), sidesAgainst(order));
    if (against === undefined) return;
    throw brokerError('retry', {
      code: 'OPPOSITE_ORDER_OPEN',
      message: `order ${order.clientOrderId} waits for order ${against.id} (${against.side} ${against.symbol}), which is open`,
      remedy: 'It can be sent when that order has ended. Nothing was sent.',
    });
  }

  #connected(): number {
    const at = this.options.connectedAt();
    if (at !== undefined) return at;
    throw networkError('retry', {
      code: 'NOT_CONNECTED',
      message: 'TRADIER is not connected',
      remedy: 'Connect first. Nothing was sent.',
    });
  }
}

function isShownAs(shown: TradierOrder, order: OrderRequest): boolean {
  const { symbol, side, quantity } = formOf(order);
  return (
    shown.symbol === symbol &&
    shown.side === side &&
    quantity !== undefined &&
    shown.quantity.equals(Decimal.parse(quantity))
  );
}

function changeForm(shown: TradierOrder, { limitPrice, stopPrice }: OrderChange): Readonly<Record<string, string>> {
  return {
    type: shown.type,
    duration: 'day',
    ...(limitPrice === null ? {} : { price: limitPrice.shortText(2) }),
    ...(stopPrice === null ? {} : { stop: stopPrice.shortText(2) }),
  };
}

function duplicate(id: ClientOrderId): Error {
  return brokerError('refuse', {
    code: 'DUPLICATE_CLIENT_ORDER_ID',
    message: `order ${id} is known with another content`,
    remedy: 'Correct the request; nothing was changed.',
  });
}

function unknownOrder(id: ClientOrderId): Error {
  return brokerError('refuse', {
    code: 'UNKNOWN_ORDER',
    message: `TRADIER shows no order ${id}`,
    remedy: 'Nothing was changed. It lists the orders of today and older ones that are open.',
  });
}

function notShown(id: ClientOrderId): Error {
  return networkError('retry', {
    code: 'ORDER_NOT_SHOWN_YET',
    message: `TRADIER has taken order ${id}, and does not show it yet`,
    remedy: 'Ask again. It is not sent again.',
  });
}
