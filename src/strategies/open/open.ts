import { priceToDecimal, type Price } from '../../domain/market/types.js';
import type { MarketView, RangeFigures } from '../../domain/market/view.js';
import { parseStrategyName, type TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { priceText } from '../figures.js';
import { blackScholesFilter } from '../filters/black-scholes-filter.js';
import { fundamentalGuard } from '../filters/fundamental-guard.js';
import { freshBar } from '../fresh-price.js';
import { rankPool, type FitnessWeights } from '../screening.js';
import { commonChecks } from '../self-check.js';
import type { Approach, SignalResult, Strategy, StrategyContext } from '../strategy.js';
import { strategyWindow } from '../window.js';

/** A breakout depends on movement with volume; a gap adds attention. */
const FITNESS: FitnessWeights = { momentum: 0.4, volatility: 0.2, relativeVolume: 0.3, gap: 0.1 };

const window = (context: StrategyContext) => strategyWindow('open', context);

interface Bounds {
  readonly upper: Decimal;
  readonly lower: Decimal;
}

/** High x (1 + buffer) and low x (1 - buffer) of the opening range. */
function boundsOf(range: RangeFigures, buffer: Decimal): Bounds {
  return {
    upper: priceToDecimal(range.high).times(Decimal.ONE.plus(buffer)),
    lower: priceToDecimal(range.low).times(Decimal.ONE.minus(buffer)),
  };
}

/** Long above the upper bound, short below the lower one: exact, because a cent decides (TRD-20). */
function breakout(symbol: TickerSymbol, price: Price, range: RangeFigures, buffer: Decimal): SignalResult {
  const last = priceToDecimal(price);
  const { upper, lower } = boundsOf(range, buffer);
  const figures = {
    last: priceText(price),
    rangeHigh: priceText(range.high),
    rangeLow: priceText(range.low),
    upper: upper.shortText(2),
    lower: lower.shortText(2),
  };
  if (last.gt(upper)) {
    return { fired: true, signal: { symbol, side: 'long', rule: 'OPENING_RANGE_BREAKOUT', price, figures } };
  }
  if (last.lt(lower)) {
    return { fired: true, signal: { symbol, side: 'short', rule: 'OPENING_RANGE_BREAKDOWN', price, figures } };
  }
  return { fired: false, reason: { code: 'INSIDE_RANGE', figures } };
}

function signal(symbol: TickerSymbol, market: MarketView, context: StrategyContext): SignalResult {
  const view = market.of(symbol);
  const fresh = freshBar(market, view);
  if ('reason' in fresh) return { fired: false, reason: fresh.reason };
  const { analysisFrom, breakoutFrom } = window(context);
  const range = view.range(analysisFrom, breakoutFrom);
  if (range === undefined) return { fired: false, reason: { code: 'NO_OPENING_RANGE', figures: {} } };
  return breakout(symbol, fresh.bar.close, range, context.settings.STRAT_OPEN_BUFFER);
}

/** The bound that is nearer, as a ratio of prices. */
function approach(symbol: TickerSymbol, market: MarketView, context: StrategyContext): Approach | undefined {
  const view = market.of(symbol);
  const fresh = freshBar(market, view);
  const { analysisFrom, breakoutFrom } = window(context);
  const range = view.range(analysisFrom, breakoutFrom);
  if ('reason' in fresh || range === undefined) return undefined;
  const { upper, lower } = boundsOf(range, context.settings.STRAT_OPEN_BUFFER);
  const last = priceToDecimal(fresh.bar.close);
  const value = priceText(fresh.bar.close);
  const up = last.toApproximateNumber() / upper.toApproximateNumber();
  const down = lower.toApproximateNumber() / last.toApproximateNumber();
  return up >= down
    ? { figure: 'upper', value, threshold: upper.shortText(2), share: up }
    : { figure: 'lower', value, threshold: lower.shortText(2), share: down };
}

/** Opening-range breakout (TRD-20); the rules are in this folder's README. */
export const openStrategy: Strategy = {
  name: parseStrategyName('open'),
  phase: 'open',
  filters: [fundamentalGuard, blackScholesFilter],
  enabled: (settings) => settings.STRAT_OPEN_ENABLED,
  shortType: (settings) => settings.SHORT_TYPE_OPEN,
  trailFraction: (settings) => settings.TRAIL_PCT_OPEN,
  window,
  selfCheck: (context) =>
    commonChecks('open', context, { window: window(context), shortType: context.settings.SHORT_TYPE_OPEN }),
  analyze: (market, context) =>
    rankPool(market, context.settings, window(context), {
      screens: {
        maxGap: context.settings.MAX_GAP_PCT_OPEN,
        minMarketCap: context.settings.MIN_MARKET_CAP_OPEN,
        maxMarketCap: context.settings.MAX_MARKET_CAP_OPEN,
      },
      weights: FITNESS,
      momentum: (_, range) => (range.close - range.open) / range.open,
    }),
  signal,
  approach,
  manage: () => undefined,
};
