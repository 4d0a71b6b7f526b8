import { price, PRICE_SCALE, type Price } from '../../domain/market/types.js';
import type { Decimal } from '../../kernel/decimal.js';

/** Numbers of the ticks that are used here. */
export const TICK = {
  bidSize: 0,
  bid: 1,
  ask: 2,
  askSize: 3,
  last: 4,
  close: 9,
  auctionVolume: 34,
  auctionPrice: 35,
  auctionImbalance: 36,
  halted: 49,
} as const;

/** A price in 1/10,000 dollar; undefined for none: gateways send -1 or 0 for it. */
export function tickPrice(value: Decimal | undefined): Price | undefined {
  if (value === undefined || value.sign() <= 0) return undefined;
  const units = value.rounded(PRICE_SCALE, 'halfEven').toUnits(PRICE_SCALE);
  const number = Number(units);
  return number > 0 && Number.isSafeInteger(number) ? price(number) : undefined;
}

/** Whole shares; undefined for none. */
export function tickShares(value: Decimal | undefined): number | undefined {
  return value === undefined || value.sign() < 0 ? undefined : signedShares(value);
}

/** Whole shares with their sign. */
export function signedShares(value: Decimal | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value.rounded(0, 'halfEven').toUnits(0));
  return Number.isSafeInteger(number) ? number : undefined;
}
