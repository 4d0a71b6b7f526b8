import { historyOf, type Order } from '../../domain/orders/order.js';
import { toUtcText } from '../../kernel/time.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';
import { contradiction } from '../../trading/orders/refused-facts.js';

/**
 * Whether a report that comes alone may be another one than it seems: it contradicts its order, or it has overtaken the booking or the
 * bust before it. The list of all reports of the order, which has them in order, says which.
 */
export function needsList(order: Order, update: BrokerUpdate): boolean {
  return contradiction(order, update) !== undefined || hasOvertaken(order, update);
}

function hasOvertaken(order: Order, update: BrokerUpdate): boolean {
  switch (update.kind) {
    case 'filled':
      return update.soFar === undefined && isBookedAgain(order, update);
    case 'busted':
      return isEndOfAnother(order, update.executionId, update);
    case 'corrected':
      return isEndOfAnother(order, update.correctsExecutionId, update);
    default:
      return false;
  }
}

/** A booking of an execution that stands, at another time than every known one: the bust between them is on its way. */
function isBookedAgain(order: Order, { executionId, filledAt }: Extract<BrokerUpdate, { kind: 'filled' }>): boolean {
  const { bookings } = historyOf(order, executionId);
  return order.executions.has(executionId) && bookings.every((booking) => booking.filledAt !== toUtcText(filledAt));
}

/** An end with the time of the booking that it would end, or of one that is not known yet. */
function isEndOfAnother(order: Order, executionId: string, { at }: BrokerUpdate): boolean {
  const { bookings, endedAt } = historyOf(order, executionId);
  const standing = order.executions.get(executionId);
  if (standing !== undefined) return toUtcText(at) === standing.filledAt;
  return bookings.length > 0 && endedAt !== null && toUtcText(at) > endedAt;
}
