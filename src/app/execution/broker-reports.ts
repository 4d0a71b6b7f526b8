import type { Draft } from '../../events/draft.js';
import type { OrderCommand } from '../../domain/orders/decide-order.js';
import { occurrenceOf } from '../../domain/orders/decide-execution.js';
import { isDone, type Order, type OrderEvent } from '../../domain/orders/order.js';
import type { BrokerOrder, BrokerOrderStatus, BrokerUpdate } from '../../ports/order-entry.js';

/** What the broker does again under one execution id is another fact than the first. */
function naturalKeyOf(update: BrokerUpdate, order: Order, event: OrderEvent): readonly string[] {
  if (!('executionId' in update)) return [`${update.clientOrderId}/${update.brokerOrderId}`];
  const occurrence = occurrenceOf(order, event);
  const key = `${update.clientOrderId}/${update.executionId}`;
  return occurrence === 1 ? [key] : [key, String(occurrence)];
}

/** An answer lists every fill before an end; the stream may have lost some of them (F3). */
export function commandOf(update: BrokerUpdate, isAnswer: boolean): OrderCommand {
  const ends = update.kind === 'cancelled' || update.kind === 'expired';
  return ends && isAnswer ? { ...update, complete: true } : update;
}

const FINAL: ReadonlySet<BrokerOrderStatus> = new Set(['filled', 'cancelled', 'rejected', 'expired']);

/**
 * The end of an order that is over at the broker although no report ended it here: a bust took shares of it, so it will never be
 * filled, or the broker lists no end. Undefined while an execution of it is missing.
 */
export function endOf(order: Order, { status, filledQuantity, brokerOrderId }: BrokerOrder): OrderCommand | undefined {
  if (isDone(order) || !FINAL.has(status) || !filledQuantity.equals(order.filled)) return undefined;
  const words = `${status} at the broker, ${filledQuantity.shortText()} shares stand`;
  if (status === 'rejected') return { kind: 'rejected', code: 'REJECTED', message: words, brokerOrderId };
  return { kind: 'cancelled', filledQuantity, complete: true, reason: words };
}

/** An event of a report: it happened when the broker says, and is recorded once under the names of the report. */
export function reportedDraft(
  draft: Draft,
  {
    update,
    broker,
    order,
    event,
  }: { update: BrokerUpdate | undefined; broker: string; order: Order; event: OrderEvent },
): Draft {
  if (update === undefined) return draft;
  return { ...draft, occurredAt: update.at, naturalKey: [draft.type, broker, ...naturalKeyOf(update, order, event)] };
}
