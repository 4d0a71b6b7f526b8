import { Decimal } from '../../kernel/decimal.js';
import type { TradierOrder } from './wire-order.js';

/** The price of a growth is a quotient: so fine that its value rounds to the right cent. */
const SCALE = 10;
/** The broker writes averages rounded; the price of the last fill may differ from one by so much. */
const ROUNDING = Decimal.parse('0.01');

/** What an order had traded when it was last seen: shares, and what they cost. */
export interface Traded {
  readonly executed: Decimal;
  readonly value: Decimal;
}

/**
 * The price of the shares that an order has traded since `before`: from the two averages, or that of the last fill when it is
 * exactly these shares and agrees with the average, which is rounded. Undefined while the answer has no price.
 */
export function growthPrice(before: Traded, order: TradierOrder): Decimal | undefined {
  const { executed, averagePrice, lastFillPrice, lastFillQuantity } = order;
  const quantity = executed.minus(before.executed);
  const isLastFill = lastFillPrice !== undefined && lastFillQuantity?.equals(quantity) === true;
  if (averagePrice === undefined) return isLastFill ? lastFillPrice : undefined;
  if (isLastFill) {
    const average = before.value
      .plus(quantity.times(lastFillPrice))
      .divide(executed, { scale: SCALE, round: 'halfEven' });
    if (average.minus(averagePrice).abs().lte(ROUNDING)) return lastFillPrice;
  }
  const added = executed.times(averagePrice).minus(before.value);
  const price = added.divide(quantity, { scale: SCALE, round: 'halfEven' });
  return price.sign() > 0 ? price : averagePrice;
}
