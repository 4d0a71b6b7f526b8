import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { addCents, negateCents, NO_CENTS, roundToCents, subtractCents, type Cents } from '../../kernel/money.js';
import { allLots, type LotBook } from './lots.js';

/** All open lots of a symbol; quantity and money are below zero for a short. */
export interface ValuedHolding {
  readonly symbol: TickerSymbol;
  readonly quantity: Decimal;
  readonly cost: Cents;
  /** Quantity at the price, half even to the cent. */
  readonly value: Cents;
  readonly unrealized: Cents;
}

/** The holdings with a price in dollars, by symbol; those without one have no value but their cost and are left out. */
export function valuedHoldings(
  lots: LotBook,
  priceOf: (symbol: TickerSymbol) => Decimal | undefined,
): readonly ValuedHolding[] {
  const sums = new Map<TickerSymbol, { quantity: Decimal; cost: Cents }>();
  for (const { symbol, side, quantity, amount } of allLots(lots)) {
    const sum = sums.get(symbol) ?? { quantity: Decimal.ZERO, cost: NO_CENTS };
    const isLong = side === 'long';
    sums.set(symbol, {
      quantity: isLong ? sum.quantity.plus(quantity) : sum.quantity.minus(quantity),
      cost: addCents(sum.cost, isLong ? amount : negateCents(amount)),
    });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([symbol, { quantity, cost }]) => {
      const price = quantity.isZero() ? undefined : priceOf(symbol);
      if (price === undefined) return [];
      const value = roundToCents(quantity.times(price));
      return [{ symbol, quantity, cost, value, unrealized: subtractCents(value, cost) }];
    });
}
