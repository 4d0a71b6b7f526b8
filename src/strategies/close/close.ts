import type { Price } from '../../domain/market/types.js';
import type { MarketView, SymbolView } from '../../domain/market/view.js';
import { parseStrategyName, type Figures, type TickerSymbol } from '../../events/names.js';
import { indicatorText, priceText, ratioText } from '../figures.js';
import { blackScholesFilter } from '../filters/black-scholes-filter.js';
import { fundamentalGuard } from '../filters/fundamental-guard.js';
import { imbalanceScanner } from '../filters/imbalance-scanner.js';
import { vixGatekeeper } from '../filters/vix-gatekeeper.js';
import { freshBar } from '../fresh-price.js';
import { rankPool, type FitnessWeights } from '../screening.js';
import { commonChecks } from '../self-check.js';
import type { Approach, Signal, SignalResult, Strategy, StrategyContext } from '../strategy.js';
import { strategyWindow } from '../window.js';

const FITNESS: FitnessWeights = { momentum: 0.5, volatility: 0.2, relativeVolume: 0.3, gap: 0 };

/** Minimum move since the analysis began, in ATR, that counts as momentum. */
const MOMENTUM_ATR = 1.5;
/** Minimum body of the last minute, in ATR, that counts as a spike. */
const SPIKE_ATR = 3;

const window = (context: StrategyContext) => strategyWindow('close', context);

interface Moves {
  readonly price: Price;
  /** Since the analysis began, in 1/10,000 dollar. */
  readonly move: number;
  /** Of the last minute, open to close. */
  readonly body: number;
  readonly atr: number;
  /** Price minus VWAP. */
  readonly trend: number;
}

/** The rule that applies. The spike comes first: chasing it as momentum would buy the top. */
function ruleOf({ move, body, atr, trend }: Moves): Pick<Signal, 'side' | 'rule'> | undefined {
  if (Math.abs(body) >= SPIKE_ATR * atr) return { side: body > 0 ? 'short' : 'long', rule: 'SPIKE_REVERSAL' };
  if (Math.abs(move) >= MOMENTUM_ATR * atr && isWithTheDay(move, trend)) {
    return { side: move > 0 ? 'long' : 'short', rule: 'MOMENTUM_CONTINUATION' };
  }
  return undefined;
}

/** A move continues the day when the price is on the same side of the VWAP. */
function isWithTheDay(move: number, trend: number): boolean {
  return (move > 0 && trend > 0) || (move < 0 && trend < 0);
}

function figuresOf({ price, move, body, atr, trend }: Moves): Figures {
  return {
    last: priceText(price),
    move: indicatorText(move),
    body: indicatorText(body),
    aboveVwap: indicatorText(trend),
    atr: indicatorText(atr),
    moveInAtr: ratioText(move / atr),
    bodyInAtr: ratioText(body / atr),
  };
}

function movesOf(view: SymbolView, context: StrategyContext, market: MarketView): Moves | { readonly missing: string } {
  const range = view.range(window(context).analysisFrom, market.now);
  const { lastBar, atr, vwap } = view;
  if (range === undefined || lastBar === undefined) return { missing: 'NO_ANALYSIS_BARS' };
  if (atr === undefined || atr <= 0) return { missing: 'NO_ATR' };
  if (vwap === undefined) return { missing: 'NO_VWAP' };
  const price = lastBar.close;
  return { price, atr, move: price - range.open, body: price - lastBar.open, trend: price - vwap };
}

function signal(symbol: TickerSymbol, market: MarketView, context: StrategyContext): SignalResult {
  const view = market.of(symbol);
  const fresh = freshBar(market, view);
  if ('reason' in fresh) return { fired: false, reason: fresh.reason };
  const moves = movesOf(view, context, market);
  if ('missing' in moves) return { fired: false, reason: { code: moves.missing, figures: {} } };
  const rule = ruleOf(moves);
  const figures = figuresOf(moves);
  if (rule === undefined) return { fired: false, reason: { code: 'NO_MOMENTUM_NO_SPIKE', figures } };
  return { fired: true, signal: { symbol, ...rule, price: moves.price, figures } };
}

/** The spike or the move, whichever was nearer to its threshold in ATR; a move against the day is no approach. */
function approach(symbol: TickerSymbol, market: MarketView, context: StrategyContext): Approach | undefined {
  const view = market.of(symbol);
  if ('reason' in freshBar(market, view)) return undefined;
  const moves = movesOf(view, context, market);
  if ('missing' in moves) return undefined;
  const { move, body, atr, trend } = moves;
  const spike = Math.abs(body) / atr / SPIKE_ATR;
  const momentum = isWithTheDay(move, trend) ? Math.abs(move) / atr / MOMENTUM_ATR : 0;
  return momentum > spike
    ? { figure: 'moveInAtr', value: ratioText(move / atr), threshold: ratioText(MOMENTUM_ATR), share: momentum }
    : { figure: 'bodyInAtr', value: ratioText(body / atr), threshold: ratioText(SPIKE_ATR), share: spike };
}

/** End-of-day momentum or fade (TRD-22); the rules and their figures are in this folder's README. */
export const closeStrategy: Strategy = {
  name: parseStrategyName('close'),
  phase: 'close',
  filters: [vixGatekeeper, fundamentalGuard, imbalanceScanner, blackScholesFilter],
  enabled: (settings) => settings.STRAT_CLOSE_ENABLED,
  shortType: (settings) => settings.SHORT_TYPE_CLOSE,
  trailFraction: (settings) => settings.TRAIL_PCT_CLOSE,
  window,
  selfCheck: (context) =>
    commonChecks('close', context, { window: window(context), shortType: context.settings.SHORT_TYPE_CLOSE }),
  analyze: (market, context) =>
    rankPool(market, context.settings, window(context), {
      screens: {
        maxGap: context.settings.MAX_GAP_PCT_CLOSE,
        minMarketCap: context.settings.MIN_MARKET_CAP_CLOSE,
        maxMarketCap: context.settings.MAX_MARKET_CAP_CLOSE,
      },
      weights: FITNESS,
      momentum: (_, range) => (range.close - range.open) / range.open,
    }),
  signal,
  approach,
  manage: () => undefined,
};
