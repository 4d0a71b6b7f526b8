import type { MarketView, SymbolView } from '../domain/market/view.js';
import type { Bar } from '../domain/market/types.js';
import { toUtcText } from '../kernel/time.js';
import type { Reason } from './strategy.js';

/** The bar of the minute that just ended, or the reason for no signal: an old price has no new information. */
export function freshBar(market: MarketView, view: SymbolView): { readonly bar: Bar } | { readonly reason: Reason } {
  if (view.halted) return { reason: { code: 'SYMBOL_HALTED', figures: {} } };
  const { lastBar, lastBarEnd } = view;
  if (lastBar !== undefined && lastBarEnd === market.now) return { bar: lastBar };
  const lastSeen = lastBarEnd === undefined ? 'never' : toUtcText(lastBarEnd);
  return { reason: { code: 'NO_TRADE_IN_MINUTE', figures: { lastSeen } } };
}
