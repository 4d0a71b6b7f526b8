import type { TickerSymbol } from '../../events/names.js';
import type { FilterVerdict } from '../strategy.js';

export const TICKER_BLOCKLIST = 'ticker-blocklist';

/**
 * TRD-36: a ticker once per session, whatever the strategy. `traded` holds the symbols for which an entry was sent and
 * not refused unfilled; the engine folds it from the journal, so a restart does not forget it.
 */
export function tickerBlocklist(symbol: TickerSymbol, traded: ReadonlySet<TickerSymbol>): FilterVerdict {
  if (!traded.has(symbol)) return { allow: true };
  return { allow: false, reason: { code: 'TICKER_ALREADY_TRADED', figures: { symbol } } };
}
