import { canonicalSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { BrokerPosition } from '../../ports/account-queries.js';
import type { Fields } from '../broker-common/fields.js';

/** Positions as Alpaca writes them, without those of no shares. @throws DataError FIELD_UNREADABLE (refuse) */
export function readPositions(rows: readonly Fields[]): readonly BrokerPosition[] {
  const positions = rows.map((row) => {
    // the sign of a short position is not the same in all documents: the side decides
    const shares = row.decimal('qty').abs();
    const isShort = row.textOr('side', 'long') === 'short' || row.decimal('qty').sign() < 0;
    const averagePrice = row.decimalOr('avg_entry_price', Decimal.ZERO).abs();
    return { symbol: canonicalSymbol(row.text('symbol')), quantity: isShort ? shares.negated() : shares, averagePrice };
  });
  return positions.filter(({ quantity }) => !quantity.isZero());
}
