import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { BrokerFill, BrokerUpdate } from '../../ports/order-entry.js';
import { averageUpTo, executionIdOf, withoutGap, type AlpacaFill } from './fills.js';
import { hasEnded, type AlpacaOrder } from './orders.js';

type Head = Pick<BrokerUpdate, 'at' | 'clientOrderId' | 'brokerOrderId' | 'rawSha256'>;

function headOf(order: AlpacaOrder, clientOrderId: ClientOrderId, at = order.placedAt): Head {
  return { at, clientOrderId, brokerOrderId: order.id, rawSha256: order.rawSha256 };
}

function acknowledged(order: AlpacaOrder, id: ClientOrderId): BrokerUpdate {
  return { ...headOf(order, id), kind: 'acknowledged' };
}

/** The end of an order; undefined while it is open, and for one that ended by its last execution. */
function endOf(order: AlpacaOrder, id: ClientOrderId): BrokerUpdate | undefined {
  const head = headOf(order, id, order.endedAt);
  switch (order.status) {
    case 'canceled':
      return { ...head, kind: 'cancelled', filledQuantity: order.filled, reason: 'cancelled at the broker' };
    case 'replaced': {
      const reason = `replaced by order ${order.replacedBy ?? 'of an unknown id'} of the broker`;
      return { ...head, kind: 'cancelled', filledQuantity: order.filled, reason };
    }
    case 'expired':
      return { ...head, kind: 'expired', filledQuantity: order.filled };
    case 'rejected': {
      const message = order.rejectReason === '' ? 'ALPACA rejected the order without a reason' : order.rejectReason;
      // shares that traded before are kept: what is left is cancelled, not rejected
      if (order.filled.sign() > 0) return { ...head, kind: 'cancelled', filledQuantity: order.filled, reason: message };
      return { ...head, kind: 'rejected', code: 'BROKER_REJECTED', message };
    }
    default:
      return undefined;
  }
}

/** The report of one execution; Alpaca charges no commission, and its fees are records of the next day. */
export function filled(
  order: AlpacaOrder,
  id: ClientOrderId,
  fill: AlpacaFill,
  known: readonly AlpacaFill[],
): BrokerUpdate & BrokerFill {
  const averagePrice = averageUpTo(known, fill.to) ?? order.averagePrice ?? fill.price;
  return {
    ...headOf(order, id, fill.at),
    rawSha256: fill.rawSha256,
    kind: 'filled',
    executionId: executionIdOf(fill),
    symbol: order.symbol,
    side: order.side,
    quantity: fill.to.minus(fill.from),
    price: fill.price,
    commission: Decimal.ZERO,
    fee: Decimal.ZERO,
    filledAt: fill.at,
    soFar: { quantity: fill.to, averagePrice },
  };
}

/**
 * What an order traded beyond the executions that are known without a gap, as one: its records may come later than the order. The
 * books of the order decide what of it is new, so that it counts once when the executions come after all.
 */
function growthOf(order: AlpacaOrder, known: readonly AlpacaFill[]): AlpacaFill | undefined {
  const from = known.at(-1)?.to ?? Decimal.ZERO;
  const quantity = order.filled.minus(from);
  if (quantity.sign() <= 0 || order.averagePrice === null) return undefined;
  const before = averageUpTo(known, from)?.times(from) ?? Decimal.ZERO;
  const value = order.filled.times(order.averagePrice).minus(before);
  const price = value.divide(quantity, { scale: 10, round: 'halfEven' });
  const facts = { orderId: order.id, from, to: order.filled, at: order.endedAt, rawSha256: order.rawSha256 };
  return { ...facts, price: price.sign() > 0 ? price : order.averagePrice };
}

/** Everything about an order, in order: its acknowledgement, its executions, its end. */
export function reportsOf(
  order: AlpacaOrder,
  id: ClientOrderId,
  known: readonly AlpacaFill[],
): readonly BrokerUpdate[] {
  const whole = withoutGap(known);
  const growth = growthOf(order, whole);
  const fills = growth === undefined ? whole : [...whole, growth];
  const end = hasEnded(order) ? endOf(order, id) : undefined;
  if (end?.kind === 'rejected') return [end];
  return [
    acknowledged(order, id),
    ...fills.map((fill) => filled(order, id, fill, fills)),
    ...(end === undefined ? [] : [end]),
  ];
}

/** Whether the price of a new execution agrees with the average of the order: some frames carry the average as the price. */
export function fitsAverage(order: AlpacaOrder, known: readonly AlpacaFill[]): boolean {
  const { averagePrice, filled: total } = order;
  const mine = averageUpTo(known, total);
  if (averagePrice === null || mine === undefined) return true;
  const scale = Math.min(Math.max(averagePrice.scale, 2), 6);
  return mine.minus(averagePrice).abs().lte(Decimal.of(1, scale));
}
