import { ratioText } from '../figures.js';
import { toggled } from './toggled.js';

/**
 * TRD-30: no mean reversion in a strong trend, which is an ADX (Wilder, 14 minutes) above ADX_MAX. With too few minutes
 * for an ADX there is no trend to be seen, so the core rule decides alone.
 */
export const adxFilter = toggled('adx-filter', 'ADX_FILTER_ENABLED', (signal, market, { settings }) => {
  const { adx } = market.of(signal.symbol);
  if (adx === undefined || adx <= settings.ADX_MAX) return undefined;
  return { code: 'ADX_ABOVE_MAX', figures: { adx: ratioText(adx), limit: String(settings.ADX_MAX) } };
});
