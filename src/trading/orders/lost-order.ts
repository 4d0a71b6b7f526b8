import type { OrderCommand } from '../../domain/orders/decide-order.js';
import type { Order } from '../../domain/orders/order.js';
import { MINUTE_MS, plusMs, toUtcText, type EpochMs } from '../../kernel/time.js';
import type { TradingContext } from '../context.js';

/** The answer "not found" of a broker that had the order may be an outage of its own: after this time it counts. */
const LOST_AFTER_MS = 5 * MINUTE_MS;

/**
 * What follows when the broker answers that it has no order under an id, and had the time to show it. One that had the order has
 * forgotten it: an order of an earlier session ended with its day. One of this session ended when the broker does not know it for five minutes and a whole list of
 * the open orders lacks it. Its fills are those that the journal has; a late one is booked all the same.
 */
export function whenNotFound(
  { memory, strategyContext }: TradingContext,
  order: Order,
  now: EpochMs,
): OrderCommand | undefined {
  const id = order.intent.clientOrderId;
  if (!order.acknowledged && order.filled.isZero()) return { kind: 'brokerDoesNotKnow' };
  const end = { filledQuantity: order.filled, complete: true };
  const { intendedAt } = order;
  if (intendedAt !== null && intendedAt < toUtcText(strategyContext.opensAt)) return { kind: 'expired', ...end };
  const since = memory.missedAt.get(id) ?? now;
  const { comparison } = memory;
  comparison.looksAgain = true;
  const { listed } = comparison;
  const isListedWithout = listed !== undefined && listed.at >= since && !listed.ids.has(id);
  if (now < plusMs(since, LOST_AFTER_MS) || !isListedWithout) return undefined;
  return { kind: 'cancelled', reason: 'the broker no longer has the order', ...end };
}
