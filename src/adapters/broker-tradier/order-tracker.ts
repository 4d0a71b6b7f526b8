import { exchangeDateOf } from '../../domain/calendar/nyse.js';
import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerFill, BrokerOrder, BrokerUpdate, OrderRequest } from '../../ports/order-entry.js';
import { OrderHistory } from './order-history.js';
import { isFinal, type TradierOrder } from './wire-order.js';

/** An order that this process has sent. */
interface Sent {
  readonly request: OrderRequest;
  /** The id in the answer; undefined while the outcome is unknown. */
  brokerOrderId: string | undefined;
  /** Machine time of the end of a send without an answer; undefined while its answer may still come. */
  unansweredAt: number | undefined;
}

/** A fill of any order of the account. */
export type SeenFill = BrokerUpdate & BrokerFill;

/**
 * The orders of the account as the answers have shown them: by our id and by that of the broker. One id of ours may stand for two
 * orders of the broker, because it refuses no tag that it has already.
 */
export class OrderTracker {
  /** By the id of the broker; orders of others too. */
  readonly #histories = new Map<string, OrderHistory>();
  readonly #byClientId = new Map<ClientOrderId, OrderHistory[]>();
  readonly #sent = new Map<ClientOrderId, Sent>();
  /** Ids that were reported as unknown to the broker after a send without an answer. */
  readonly #absent = new Set<ClientOrderId>();
  /** Orders that showed after they were reported as unknown: nobody counts on them. */
  readonly #late = new Set<string>();

  /** Takes in an answer, and returns the reports on orders of ours that it adds. */
  take(orders: readonly TradierOrder[], rawSha256: Sha256Hex, now: EpochMs): readonly BrokerUpdate[] {
    // in the order of their ids: the list comes newest first, or in any other order
    const sorted = [...orders].sort((a, b) => compareIds(a.id, b.id));
    return sorted.flatMap((order) => {
      const history = this.#historyOf(order);
      const news = history.see(order, rawSha256, now);
      return order.clientOrderId === null ? [] : news;
    });
  }

  /** Notes a send before it leaves. */
  sending(request: OrderRequest): void {
    this.#sent.set(request.clientOrderId, { request, brokerOrderId: undefined, unansweredAt: undefined });
  }

  /** No readable answer has come to a send: only the list can show what became of it. */
  unanswered(id: ClientOrderId, at: number): void {
    const sent = this.#sent.get(id);
    if (sent !== undefined) sent.unansweredAt = at;
  }

  /** The broker has answered a send with its id. */
  accepted(id: ClientOrderId, brokerOrderId: string): void {
    const sent = this.#sent.get(id);
    if (sent !== undefined) sent.brokerOrderId = brokerOrderId;
  }

  /** The broker has refused a send, or nothing of it has left. */
  notSent(id: ClientOrderId): void {
    this.#sent.delete(id);
  }

  /** The request that this process has sent under an id; undefined after a send that the broker does not have. */
  requestOf(id: ClientOrderId): OrderRequest | undefined {
    return this.#sent.get(id)?.request;
  }

  /** The newest order of the broker under an id of ours, as it was last shown. */
  shown(id: ClientOrderId): TradierOrder | undefined {
    return this.#primary(id)?.order;
  }

  /** The id at the broker: as shown, or as it answered the send. */
  brokerIdOf(id: ClientOrderId): string | undefined {
    return this.#primary(id)?.order.id ?? this.#sent.get(id)?.brokerOrderId;
  }

  /**
   * Machine time from which looks that do not show the order prove its absence: `connectedAt` for an order that this process has not
   * sent; undefined while nothing proves it, because its answer may still come, or the broker has answered with an id.
   */
  absentFrom(id: ClientOrderId, connectedAt: number): number | undefined {
    const sent = this.#sent.get(id);
    if (sent === undefined) return connectedAt;
    return sent.brokerOrderId === undefined ? sent.unansweredAt : undefined;
  }

  /** The broker does not have the order of a send without an answer: it may be sent again. */
  declareAbsent(id: ClientOrderId): void {
    if (this.#sent.delete(id)) this.#absent.add(id);
  }

  /** An order as the port reports it; undefined when it has not shown. */
  brokerOrder(id: ClientOrderId): BrokerOrder | undefined {
    const all = this.#byClientId.get(id) ?? [];
    const primary = this.#primary(id);
    if (primary === undefined) return undefined;
    const order = primary.toBrokerOrder();
    if (all.length === 1) return order;
    const parts = all.map((one) => one.toBrokerOrder());
    return {
      ...order,
      filledQuantity: Decimal.sum(parts.map((one) => one.filledQuantity)),
      updates: parts.flatMap((one) => one.updates).sort((a, b) => a.at - b.at),
    };
  }

  /** Ids of orders of ours that may still change; also those that were sent and have not shown yet. */
  get openIds(): readonly string[] {
    const shown = [...this.#histories.values()].filter((one) => one.isOpen && one.order.clientOrderId !== null);
    const sent = [...this.#sent].filter(([id]) => !this.#byClientId.has(id));
    return [...shown.map((one) => one.order.id), ...sent.map(([id]) => id)];
  }

  /** The broker does not know an order any more that it has shown as open: one of an earlier day has ended, and is not listed. */
  gone(brokerOrderId: string, rawSha256: Sha256Hex, now: EpochMs): readonly BrokerUpdate[] {
    const history = this.#histories.get(brokerOrderId);
    if (history?.isOpen !== true) return [];
    const { createdAt } = history.order;
    if (createdAt === undefined || exchangeDateOf(createdAt) >= exchangeDateOf(now)) return [];
    return history.see({ ...history.order, status: 'expired' }, rawSha256, now);
  }

  /** Orders of ours that have shown, are open, and are missing from a list. */
  openButMissing(listed: readonly TradierOrder[]): readonly string[] {
    const ids = new Set(listed.map(({ id }) => id));
    const open = [...this.#histories.values()].filter((one) => one.isOpen && one.order.clientOrderId !== null);
    return open.map((one) => one.order.id).filter((id) => !ids.has(id));
  }

  /** Those of these orders that were open when they were last shown. */
  openOf(ids: readonly string[]): readonly TradierOrder[] {
    return ids.flatMap((id) => {
      const history = this.#histories.get(id);
      return history?.isOpen === true ? [history.order] : [];
    });
  }

  /** Late orders that are still open: they are to be cancelled. */
  get lateOpen(): readonly string[] {
    return [...this.#late].filter((id) => {
      const order = this.#histories.get(id)?.order;
      return order !== undefined && !isFinal(order);
    });
  }

  /** An open order that stands against a new one in the same symbol. */
  openAgainst(symbol: string, sides: readonly string[]): TradierOrder | undefined {
    const all = [...this.#histories.values()].map((one) => one.order);
    return all.find((order) => !isFinal(order) && order.symbol === symbol && sides.includes(order.side));
  }

  /** All fills that were seen, of every order of the account. */
  get fills(): readonly SeenFill[] {
    const updates = [...this.#histories.values()].flatMap((one) => one.updates);
    return updates.filter((update): update is SeenFill => update.kind === 'filled');
  }

  #primary(id: ClientOrderId): OrderHistory | undefined {
    const all = this.#byClientId.get(id) ?? [];
    const answered = this.#sent.get(id)?.brokerOrderId;
    return all.find((one) => one.order.id === answered) ?? all.findLast((one) => one.isOpen) ?? all.at(-1);
  }

  #historyOf(order: TradierOrder): OrderHistory {
    let history = this.#histories.get(order.id);
    if (history !== undefined) return history;
    const { clientOrderId } = order;
    history = new OrderHistory(clientOrderId ?? (`TRADIER-${order.id}` as ClientOrderId), order);
    this.#histories.set(order.id, history);
    if (clientOrderId === null) return history;
    if (this.#isLate(clientOrderId, order.id)) this.#late.add(order.id);
    this.#byClientId.set(clientOrderId, [...(this.#byClientId.get(clientOrderId) ?? []), history]);
    return history;
  }

  /** Whether an order shows only now that was reported as unknown: another one may have been sent in its place. */
  #isLate(id: ClientOrderId, brokerOrderId: string): boolean {
    if (!this.#absent.has(id)) return false;
    const again = this.#sent.get(id);
    if (again === undefined) return true;
    if (again.brokerOrderId !== undefined) return again.brokerOrderId !== brokerOrderId;
    return this.#byClientId.has(id);
  }
}

/** Ids of the broker are numbers that grow; those that are none are compared as text. */
function compareIds(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return a < b ? -1 : 1;
  return x - y;
}
