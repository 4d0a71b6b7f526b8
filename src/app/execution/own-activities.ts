import { historyOf, openQuantity, type Order } from '../../domain/orders/order.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';

/** Whether no booking of the order has the execution of a report. */
export function isNewExecution(order: Order, update: BrokerUpdate): boolean {
  return 'executionId' in update && historyOf(order, update.executionId).bookings.length === 0;
}

/** Whether a fill that the reports of the order do not list may be one of it: it is new, and the order is open for so many shares. */
export function maybeOwn(order: Order, update: BrokerUpdate): boolean {
  return update.kind === 'filled' && isNewExecution(order, update) && openQuantity(order).gte(update.quantity);
}
