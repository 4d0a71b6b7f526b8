import type { EngineState } from '../../domain/session/engine-state.js';
import { freshBar } from '../../strategies/fresh-price.js';
import type { Reason } from '../../strategies/strategy.js';
import type { TradingContext } from '../context.js';
import type { EntryCandidate, Traded } from './entry-candidate.js';
import { putOn } from './long-put.js';

/**
 * What is traded on the signal of a candidate (TRD-23): itself, or for a bearish signal with SHORT_TYPE InverseETF the ETF that
 * the list in force has for it, and with LongPut a put on it, bought. A reason when it cannot be: the candidate is rejected, and the
 * next one follows. It waits for a minute in which the ETF is traded, and for the quotes of the puts.
 */
export function tradedOn(state: EngineState, context: TradingContext, at: EntryCandidate): Traded | Reason | 'waits' {
  const { symbol, side, price } = at.signal;
  const shortType = at.step.strategy.shortType(context.settings);
  if (side === 'long' || shortType === 'ShortSell') return { symbol, side, price };
  if (shortType === 'LongPut') return putOn(context, at.signal);
  if (shortType !== 'InverseETF') return { code: 'SHORT_DISABLED', figures: { shortType } };
  const { inverseEtfs } = state;
  const entry = inverseEtfs?.entries.find((one) => one.symbol === symbol);
  const listVersion = String(inverseEtfs?.version ?? 0);
  if (entry === undefined) return { code: 'NO_INVERSE_ETF', figures: { listVersion } };
  const { etf } = entry;
  if (!context.market.symbols.includes(etf)) return { code: 'INVERSE_ETF_NOT_FOLLOWED', figures: { etf, listVersion } };
  const fresh = freshBar(context.market, context.market.of(etf));
  if ('reason' in fresh) return 'waits';
  return { symbol: etf, side: 'long', price: fresh.bar.close };
}
