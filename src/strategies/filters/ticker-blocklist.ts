import type { TickerSymbol } from '../../events/names.js';
import type { FilterVerdict } from '../strategy.js';

export const TICKER_BLOCKLIST = 'ticker-blocklist';

/**
 * TRD-36: trades a ticker once per session, across all strategies. `traded` has the symbols with an entry that was not
 * rejected unfilled; the engine folds it from the journal, so it survives a restart.
 */
export function tickerBlocklist(symbol: TickerSymbol, traded: ReadonlySet<TickerSymbol>): FilterVerdict {
  if (!traded.has(symbol)) return { allow: true };
  return { allow: false, reason: { code: 'TICKER_ALREADY_TRADED', figures: { symbol } } };
}
