import { canonicalSymbol, type TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { AccountQueries, BrokerPosition } from '../../ports/account-queries.js';

/** The positions at the broker under the symbols of this program: a class of shares has one name, however it is written. */
export async function positionsOf(broker: Pick<AccountQueries, 'positions'>): Promise<readonly BrokerPosition[]> {
  const positions = await broker.positions();
  return positions.map((position) => ({ ...position, symbol: canonicalSymbol(position.symbol) }));
}

/**
 * The shares that the broker holds in a symbol, negative when short: by a query for the symbol where the broker has one, out of the whole
 * list otherwise (TRD-64). Throws what the broker throws: shares that are not known are never zero.
 */
export async function sharesHeld(
  broker: Pick<AccountQueries, 'positions' | 'position'>,
  symbol: TickerSymbol,
): Promise<Decimal> {
  const wanted = canonicalSymbol(symbol);
  if (broker.position !== undefined) return (await broker.position(wanted))?.quantity ?? Decimal.ZERO;
  const positions = await positionsOf(broker);
  return Decimal.sum(positions.filter((one) => one.symbol === wanted).map(({ quantity }) => quantity));
}
