import { ratioText } from '../figures.js';
import { toggled } from './toggled.js';

/**
 * TRD-38: blocks entries of the close strategy while the VIX is below STRAT_CLOSE_VIX_THRESHOLD, and also without a VIX
 * figure, which the strategy needs (TRD-22).
 */
export const vixGatekeeper = toggled('vix-gatekeeper', 'VIX_GATE_ENABLED', (_, market, { settings }) => {
  const limit = String(settings.STRAT_CLOSE_VIX_THRESHOLD);
  if (market.vix === undefined) return { code: 'VIX_UNAVAILABLE', figures: { limit } };
  if (market.vix >= settings.STRAT_CLOSE_VIX_THRESHOLD) return undefined;
  return { code: 'VIX_BELOW_THRESHOLD', figures: { vix: ratioText(market.vix), limit } };
});
