import type { StatementPosition } from '../../../projections/exports/statement.js';
import { parseSymbol } from '../../../src/events/names.js';
import { Decimal, type DecimalText } from '../../../src/kernel/decimal.js';
import { roundToCents } from '../../../src/kernel/money.js';
import type { UtcText } from '../../../src/kernel/time.js';

/** What is held at the close of 2013-10-07. */
export function heldAtClose(
  symbol: string,
  side: 'long' | 'short',
  quantity: string,
  price: string,
  cost: string,
): StatementPosition {
  return {
    symbol: parseSymbol(symbol),
    side,
    quantity: quantity as DecimalText,
    averageCost: cost as DecimalText,
    unitPrice: price as DecimalText,
    marketValue: roundToCents(Decimal.parse(quantity).times(Decimal.parse(price))),
    priceAsOf: '2013-10-07T20:00:00.000Z' as UtcText,
  };
}
