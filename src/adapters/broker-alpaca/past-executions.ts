import { Decimal } from '../../kernel/decimal.js';
import type { AlpacaFill } from './fills.js';
import type { AlpacaOrder } from './orders.js';

/** Shares of an order, from `from` (excluded) to `to`. */
type Span = Pick<AlpacaFill, 'from' | 'to'>;

/**
 * The execution that the records of an order no longer have, by the shares that the message of its bust names: the gap between the
 * others, or what followed them. Undefined when more than one may be meant: a person decides then.
 */
export function bustedExecution(
  order: Pick<AlpacaOrder, 'id' | 'quantity' | 'status'>,
  records: readonly AlpacaFill[],
  shares: Decimal | null,
): Pick<AlpacaFill, 'orderId' | 'to'> | undefined {
  if (shares === null || shares.isZero()) return undefined;
  const size = shares.abs();
  const gaps: Span[] = [];
  let reach = Decimal.ZERO;
  for (const { from, to } of records) {
    if (from.gt(reach)) gaps.push({ from: reach, to: from });
    reach = to;
  }
  // of an order that was filled the records reach to its end, unless its last execution is gone
  const lacksEnd = order.status === 'filled' && order.quantity?.gt(reach) === true;
  const fitting = gaps.filter(({ from, to }) => to.minus(from).equals(size));
  const [gap] = fitting;
  if (gap !== undefined) return fitting.length > 1 || lacksEnd ? undefined : { orderId: order.id, to: gap.to };
  return gaps.length > 0 ? undefined : { orderId: order.id, to: reach.plus(size) };
}

/** The record of a corrected execution: the only one with these shares at this price. Undefined when there is not exactly one. */
export function correctedExecution(
  records: readonly AlpacaFill[],
  { quantity, price }: { readonly quantity: Decimal; readonly price: Decimal },
): AlpacaFill | undefined {
  const same = records.filter(({ from, to, ...fill }) => to.minus(from).equals(quantity) && fill.price.equals(price));
  return same.length === 1 ? same[0] : undefined;
}
