import { ratioText } from '../figures.js';
import { toggled } from './toggled.js';

/**
 * TRD-30: blocks mean reversion in a strong trend, an ADX (Wilder, 14 minutes) above ADX_MAX. Allows the signal while
 * there are too few minutes for an ADX.
 */
export const adxFilter = toggled('adx-filter', 'ADX_FILTER_ENABLED', (signal, market, { settings }) => {
  const { adx } = market.of(signal.symbol);
  if (adx === undefined || adx <= settings.ADX_MAX) return undefined;
  return { code: 'ADX_ABOVE_MAX', figures: { adx: ratioText(adx), limit: String(settings.ADX_MAX) } };
});
