import { indicatorText, priceText } from '../figures.js';
import { toggled } from './toggled.js';

/**
 * TRD-32: entry only beyond two standard deviations (20 minutes) in the signal's direction: a long below the lower
 * band, a short above the upper. Allows the signal while there are too few minutes for the bands.
 */
export const bollingerConfluence = toggled('bollinger-confluence', 'BOLLINGER_CONFLUENCE_ENABLED', (signal, market) => {
  const { bollinger } = market.of(signal.symbol);
  if (bollinger === undefined) return undefined;
  const beyond = signal.side === 'long' ? signal.price < bollinger.lower : signal.price > bollinger.upper;
  if (beyond) return undefined;
  return {
    code: 'INSIDE_BOLLINGER_BANDS',
    figures: {
      price: priceText(signal.price),
      lower: indicatorText(bollinger.lower),
      upper: indicatorText(bollinger.upper),
    },
  };
});
