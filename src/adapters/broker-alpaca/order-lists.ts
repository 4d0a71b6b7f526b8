import { dataError } from '../../kernel/errors.js';
import { epochMs, toUtcText, type EpochMs } from '../../kernel/time.js';
import type { AlpacaRest } from './alpaca-rest.js';
import { hasEnded, type AlpacaOrder } from './orders.js';

/** The most that Alpaca gives in one answer. */
export const PAGE = 500;
/** An account with more open orders than these pages hold is not read as if it had fewer. */
const MOST_PAGES = 20;

type Orders = Pick<AlpacaRest, 'orders'>;

/**
 * Every open order of the account. Pages are cut at a time, which several orders may have: each page begins a millisecond before the
 * end of the one before it. Legs that wait for another order are missing from the list of open ones, so they are read with theirs.
 * @throws DataError ORDER_LIST_NOT_WHOLE
 */
export async function allOpenOrders(rest: Orders): Promise<readonly AlpacaOrder[]> {
  const found = new Map<string, AlpacaOrder>();
  // a kill waits for both
  const [isWhole, recent] = await Promise.all([
    readPages(rest, { status: 'open' }, found),
    rest.orders({ status: 'all', nested: 'true', direction: 'desc', limit: String(PAGE) }),
  ]);
  if (!isWhole) throw notWhole(found.size);
  for (const leg of recent.flatMap(({ legs }) => legs))
    if (!hasEnded(leg) && !found.has(leg.id)) found.set(leg.id, leg);
  return [...found.values()].filter((order) => !hasEnded(order));
}

async function readPages(
  rest: Orders,
  query: Readonly<Record<string, string>>,
  found: Map<string, AlpacaOrder>,
): Promise<boolean> {
  let after: EpochMs | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const from = after === undefined ? {} : { after: toUtcText(after) };
    const orders = await rest.orders({ ...query, direction: 'asc', limit: String(PAGE), ...from });
    const before = found.size;
    for (const order of orders) for (const each of [order, ...order.legs]) found.set(each.id, each);
    if (orders.length < PAGE) return true;
    const last = orders.at(-1)?.placedAt;
    if (last === undefined || (found.size === before && after !== undefined)) return false;
    after = epochMs(last - 1);
  }
  return false;
}

/** Orders that were made since a time, newest first, at most one page. */
export function ordersSince(rest: Orders, since: EpochMs): Promise<readonly AlpacaOrder[]> {
  return rest.orders({ status: 'all', direction: 'desc', limit: String(PAGE), after: toUtcText(epochMs(since - 1)) });
}

function notWhole(read: number): Error {
  return dataError({
    code: 'ORDER_LIST_NOT_WHOLE',
    message: `the list of open orders at ALPACA does not end: ${read} orders were read`,
    remedy: 'Cancel orders that are not needed, then ask again. No order counts as closed from this list.',
  });
}
