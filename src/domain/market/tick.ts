import { Decimal } from '../../kernel/decimal.js';

/** Decimals of a valid price below one dollar. */
const FINE_SCALE = 4;
/** Decimals of a valid price from one dollar on. */
const CENT_SCALE = 2;

/** Decimals of a price in dollars by the price itself (Rule 612): cents from one dollar on, hundredths of a cent below. */
function scaleAt(price: Decimal): number {
  return price.lt(Decimal.ONE) ? FINE_SCALE : CENT_SCALE;
}

/** The valid price at or next to `value`, in dollars, on the side that `round` names. */
export function toTick(value: Decimal, round: 'ceil' | 'floor'): Decimal {
  return value.rounded(scaleAt(value), round);
}

/** Whether a limit or stop may have this price at a broker. */
export function isOnTick(price: Decimal): boolean {
  return price.equals(toTick(price, 'floor'));
}

/** Smallest step up from a price, or down from it, in dollars. */
export function tickFrom(price: Decimal, direction: 'up' | 'down'): Decimal {
  const isFine = direction === 'up' ? price.lt(Decimal.ONE) : price.lte(Decimal.ONE);
  return Decimal.of(1, isFine ? FINE_SCALE : CENT_SCALE);
}
