import { priceToDecimal, type Price } from '../domain/market/types.js';
import { Decimal, type DecimalText } from '../kernel/decimal.js';
import { invariant } from '../kernel/errors.js';

const SIX_DECIMALS = 1_000_000;

/** A ratio or score as an exact decimal of six places; the float is rounded once, here. */
export function ratio(value: number): Decimal {
  invariant(Number.isFinite(value), 'BAD_RATIO', `${value} is not a finite number`);
  return Decimal.of(Math.round(value * SIX_DECIMALS), 6);
}

export function ratioText(value: number): DecimalText {
  return ratio(value).text();
}

/** Dollars of a market price: `167.44`, `13.8725`. */
export function priceText(value: Price): DecimalText {
  return priceToDecimal(value).shortText(2);
}

/** Dollars, to four decimals, of an indicator in 1/10,000 dollar. */
export function indicatorText(value: number): DecimalText {
  invariant(Number.isFinite(value), 'BAD_INDICATOR', `${value} is not a finite number`);
  return Decimal.of(Math.round(value), 4).shortText(2);
}
