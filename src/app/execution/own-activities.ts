import { bringsCharge } from '../../domain/orders/decide-execution.js';
import { historyOf, openQuantity, type Order } from '../../domain/orders/order.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';

/** Whether no booking of the order has the execution of a report. */
function isNewExecution(order: Order, update: BrokerUpdate): boolean {
  return 'executionId' in update && historyOf(order, update.executionId).bookings.length === 0;
}

/** Whether a report has an execution that no booking of the order has, or the charges of one that was booked without them. */
export function isNewsOfExecution(order: Order, update: BrokerUpdate): boolean {
  return isNewExecution(order, update) || (update.kind === 'filled' && bringsCharge(order, update));
}

/**
 * Whether a fill that the reports of the order do not list may be one of it: it brings a charge, or it is new and the order is
 * open for so many shares.
 */
export function maybeOwn(order: Order, update: BrokerUpdate): boolean {
  if (update.kind !== 'filled') return false;
  return bringsCharge(order, update) || (isNewExecution(order, update) && openQuantity(order).gte(update.quantity));
}
