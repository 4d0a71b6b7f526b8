import type { OrderCommand } from '../../domain/orders/decide-order.js';
import { occurrenceOf } from '../../domain/orders/decide-execution.js';
import type { Order, OrderEvent } from '../../domain/orders/order.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';

/** What the broker does again under one execution id is another fact than the first. */
export function naturalKeyOf(update: BrokerUpdate, order: Order, event: OrderEvent): readonly string[] {
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
