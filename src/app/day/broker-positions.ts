import { canonicalSymbol } from '../../events/names.js';
import type { AccountQueries, BrokerPosition } from '../../ports/account-queries.js';

/** The positions at the broker under the symbols of this program: a class of shares has one name, however it is written. */
export async function positionsOf(broker: Pick<AccountQueries, 'positions'>): Promise<readonly BrokerPosition[]> {
  const positions = await broker.positions();
  return positions.map((position) => ({ ...position, symbol: canonicalSymbol(position.symbol) }));
}
