import type { AccountingBook } from '../../src/domain/accounting/book.js';
import { allLots } from '../../src/domain/accounting/lots.js';
import { Decimal, type DecimalText } from '../../src/kernel/decimal.js';
import { centsToDecimal, moneyText } from '../../src/kernel/money.js';

/** The open quantity of one symbol on one side. */
export interface Holding {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: DecimalText;
  /** Remaining cost (long) or proceeds (short). */
  readonly amount: DecimalText;
  readonly averagePrice: DecimalText;
}

/** Open lots, one line a symbol and side, in order of both. */
export function holdingsOf(book: AccountingBook): readonly Holding[] {
  const sums = new Map<string, { symbol: string; side: 'long' | 'short'; quantity: Decimal; amount: Decimal }>();
  for (const lot of allLots(book.lots)) {
    const key = `${lot.symbol} ${lot.side}`;
    const sum = sums.get(key) ?? { symbol: lot.symbol, side: lot.side, quantity: Decimal.ZERO, amount: Decimal.ZERO };
    sum.quantity = sum.quantity.plus(lot.quantity);
    sum.amount = sum.amount.plus(centsToDecimal(lot.amount));
    sums.set(key, sum);
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { symbol, side, quantity, amount }]) => ({
      symbol,
      side,
      quantity: quantity.shortText(),
      amount: moneyText(amount),
      averagePrice: amount.divide(quantity, { scale: 4, round: 'halfEven' }).shortText(2),
    }));
}
