import { isWhollyAfter } from '../../domain/market/since.js';
import type { MarketView } from '../../domain/market/view.js';
import { parseStrategyName, type TickerSymbol } from '../../events/names.js';
import { parseUtcText } from '../../kernel/time.js';
import { indicatorText, priceText, ratioText } from '../figures.js';
import { adxFilter } from '../filters/adx-filter.js';
import { bollingerConfluence } from '../filters/bollinger-confluence.js';
import { blackScholesFilter } from '../filters/black-scholes-filter.js';
import { fundamentalGuard } from '../filters/fundamental-guard.js';
import { freshBar } from '../fresh-price.js';
import { rankPool, type FitnessWeights } from '../screening.js';
import { commonChecks } from '../self-check.js';
import type { Approach, OpenPositionView, Reason, SignalResult, Strategy, StrategyContext } from '../strategy.js';
import { strategyWindow } from '../window.js';

/** Mean reversion depends on the distance from the VWAP, which is the momentum figure of this strategy. */
const FITNESS: FitnessWeights = { momentum: 0.5, volatility: 0.3, relativeVolume: 0.1, gap: 0.1 };

const window = (context: StrategyContext) => strategyWindow('mid', context);

/** Long when |price - VWAP| / VWAP >= threshold from below, short from above (TRD-21). */
function signal(symbol: TickerSymbol, market: MarketView, context: StrategyContext): SignalResult {
  const view = market.of(symbol);
  const fresh = freshBar(market, view);
  if ('reason' in fresh) return { fired: false, reason: fresh.reason };
  const price = fresh.bar.close;
  const { vwap } = view;
  if (vwap === undefined) return { fired: false, reason: { code: 'NO_VWAP', figures: {} } };
  const threshold = context.settings.STRAT_MID_VWAP_THRESHOLD;
  const distance = (price - vwap) / vwap;
  const figures = {
    last: priceText(price),
    vwap: indicatorText(vwap),
    distance: ratioText(distance),
    threshold: threshold.shortText(),
  };
  if (Math.abs(distance) < threshold.toApproximateNumber()) {
    return { fired: false, reason: { code: 'NEAR_VWAP', figures } };
  }
  const side = distance < 0 ? 'long' : 'short';
  return { fired: true, signal: { symbol, side, rule: 'VWAP_REVERSION', price, figures } };
}

/** The distance from the VWAP as a part of its threshold. */
function approach(symbol: TickerSymbol, market: MarketView, context: StrategyContext): Approach | undefined {
  const view = market.of(symbol);
  const fresh = freshBar(market, view);
  const { vwap } = view;
  if ('reason' in fresh || vwap === undefined) return undefined;
  const threshold = context.settings.STRAT_MID_VWAP_THRESHOLD;
  const distance = (fresh.bar.close - vwap) / vwap;
  return {
    figure: 'distance',
    value: ratioText(distance),
    threshold: threshold.shortText(),
    share: Math.abs(distance) / threshold.toApproximateNumber(),
  };
}

/** The target: the VWAP is touched in a whole minute after the entry. */
function manage(position: OpenPositionView, market: MarketView): Reason | undefined {
  const { lastBar, vwap } = market.of(position.symbol);
  if (lastBar === undefined || vwap === undefined) return undefined;
  if (!isWhollyAfter(lastBar, parseUtcText(position.entryAt))) return undefined;
  const touched = position.side === 'long' ? lastBar.high >= vwap : lastBar.low <= vwap;
  if (!touched) return undefined;
  return {
    code: 'VWAP_TOUCH',
    figures: { vwap: indicatorText(vwap), high: priceText(lastBar.high), low: priceText(lastBar.low) },
  };
}

/** VWAP mean reversion (TRD-21); the rules are in this folder's README. */
export const midStrategy: Strategy = {
  name: parseStrategyName('mid'),
  phase: 'mid',
  filters: [adxFilter, bollingerConfluence, fundamentalGuard, blackScholesFilter],
  enabled: (settings) => settings.STRAT_MID_ENABLED,
  shortType: (settings) => settings.SHORT_TYPE_MID,
  trailFraction: (settings) => settings.TRAIL_PCT_MID,
  window,
  selfCheck: (context) =>
    commonChecks('mid', context, { window: window(context), shortType: context.settings.SHORT_TYPE_MID }),
  analyze: (market, context) =>
    rankPool(market, context.settings, window(context), {
      screens: {
        maxGap: context.settings.MAX_GAP_PCT_MID,
        minMarketCap: context.settings.MIN_MARKET_CAP_MID,
        maxMarketCap: context.settings.MAX_MARKET_CAP_MID,
      },
      weights: FITNESS,
      momentum: (view, range) => (view.vwap === undefined ? undefined : (range.close - view.vwap) / view.vwap),
    }),
  signal,
  approach,
  manage,
};
