import { previousSessionMinutes } from '../domain/calendar/nyse.js';
import type { Settings } from '../domain/config/settings.js';
import { priceToDecimal } from '../domain/market/types.js';
import type { MarketView, RangeFigures, SymbolView } from '../domain/market/view.js';
import type { Figures } from '../events/names.js';
import { Decimal } from '../kernel/decimal.js';
import { dateOf } from '../kernel/time.js';
import { priceText, ratio, ratioText } from './figures.js';
import type { Candidate, RankedPool, Reason, StrategyWindow } from './strategy.js';

/** The limits of one strategy's screen. */
export interface Screens {
  readonly maxGap: Decimal;
  /** Dollars. */
  readonly minMarketCap: number;
  readonly maxMarketCap: number;
}

/** Volume for MIN_VOLUME_THRESHOLD: of the previous session; when that is unknown, of this session so far. */
export function volumeFigure(view: SymbolView): number {
  return view.reference.previousVolume ?? view.volume;
}

/** Ask minus bid as a fraction of the mid price, six decimals rounded up; undefined without a quote. */
export function spreadFraction(view: SymbolView): Decimal | undefined {
  const { bid, ask } = view;
  if (bid === undefined || ask === undefined) return undefined;
  return Decimal.of(2 * (ask - bid)).divide(Decimal.of(ask + bid), { scale: 6, round: 'up' });
}

const reason = (code: string, figures: Figures): Reason => ({ code, figures });

function priceScreen(view: SymbolView, settings: Settings): Reason | undefined {
  if (view.lastPrice === undefined) return reason('NO_DATA', { bars: String(view.barCount) });
  const price = priceToDecimal(view.lastPrice);
  const shown = priceText(view.lastPrice);
  if (price.lt(settings.MIN_PRICE)) {
    return reason('PRICE_BELOW_MIN', { price: shown, limit: settings.MIN_PRICE.shortText(2) });
  }
  if (price.gt(settings.MAX_PRICE)) {
    return reason('PRICE_ABOVE_MAX', { price: shown, limit: settings.MAX_PRICE.shortText(2) });
  }
  return undefined;
}

function volumeScreen(view: SymbolView, settings: Settings): Reason | undefined {
  const volume = volumeFigure(view);
  if (volume >= settings.MIN_VOLUME_THRESHOLD) return undefined;
  return reason('VOLUME_BELOW_MIN', { volume: String(volume), limit: String(settings.MIN_VOLUME_THRESHOLD) });
}

/** Screens the opening price against the previous close, which is adjusted for splits. */
function gapScreen(view: SymbolView, maxGap: Decimal): Reason | undefined {
  const { previousClose } = view.reference;
  if (previousClose === undefined || view.sessionOpen === undefined) return undefined;
  const distance = Decimal.of(Math.abs(view.sessionOpen - previousClose));
  if (distance.lte(Decimal.of(previousClose).times(maxGap))) return undefined;
  return reason('GAP_ABOVE_MAX', {
    open: priceText(view.sessionOpen),
    previousClose: priceText(previousClose),
    limit: maxGap.shortText(),
  });
}

function marketCapScreen(view: SymbolView, screens: Screens): Reason | undefined {
  const { marketCap } = view.reference;
  if (marketCap === undefined) return undefined;
  const { minMarketCap, maxMarketCap } = screens;
  if (marketCap < minMarketCap) {
    return reason('MARKET_CAP_BELOW_MIN', { marketCap: String(marketCap), limit: String(minMarketCap) });
  }
  if (marketCap > maxMarketCap) {
    return reason('MARKET_CAP_ABOVE_MAX', { marketCap: String(marketCap), limit: String(maxMarketCap) });
  }
  return undefined;
}

function spreadScreen(view: SymbolView, settings: Settings): Reason | undefined {
  const spread = spreadFraction(view);
  if (spread === undefined || spread.lte(settings.MAX_SPREAD_PCT)) return undefined;
  return reason('SPREAD_TOO_WIDE', { spread: spread.text(), limit: settings.MAX_SPREAD_PCT.shortText() });
}

/**
 * The first hard screen that a symbol fails, in this order: halt, data, price, volume, gap, market cap, spread. An
 * unknown figure (previous close, market cap, quote) does not fail a screen.
 */
export function screen(view: SymbolView, settings: Settings, screens: Screens): Reason | undefined {
  if (view.halted) return reason('SYMBOL_HALTED', {});
  return (
    priceScreen(view, settings) ??
    volumeScreen(view, settings) ??
    gapScreen(view, screens.maxGap) ??
    marketCapScreen(view, screens) ??
    spreadScreen(view, settings)
  );
}

/** Fitness weights of a strategy; they sum to 1. */
export interface FitnessWeights {
  readonly momentum: number;
  readonly volatility: number;
  readonly relativeVolume: number;
  readonly gap: number;
}

/** Raw figures of a symbol, zero or more, as fractions of the price, except relativeVolume, whose norm is 1. */
export type FitnessFigures = FitnessWeights;

/** Value at which a figure scores one half: typical for a liquid US stock on an ordinary day. */
const TYPICAL: FitnessFigures = { momentum: 0.005, volatility: 0.01, relativeVolume: 1, gap: 0.01 };

/** Score of a figure: 0 at zero, one half at the typical value, towards 1 above; no figure can outweigh the others. */
function saturating(value: number, typical: number): number {
  return value / (value + typical);
}

/** 0 to 1, six decimals. */
export function fitness(figures: FitnessFigures, weights: FitnessWeights): Decimal {
  return ratio(
    weights.momentum * saturating(figures.momentum, TYPICAL.momentum) +
      weights.volatility * saturating(figures.volatility, TYPICAL.volatility) +
      weights.relativeVolume * saturating(figures.relativeVolume, TYPICAL.relativeVolume) +
      weights.gap * saturating(figures.gap, TYPICAL.gap),
  );
}

/** Trading volume per minute in the window relative to the previous session, by its length; 1 when that is unknown. */
function relativeVolume(view: SymbolView, range: RangeFigures, previousMinutes: number): number {
  const { previousVolume } = view.reference;
  if (previousVolume === undefined || previousVolume <= 0) return 1;
  return range.volume / range.bars / (previousVolume / previousMinutes);
}

/** Figures over the analysis window; `momentum` is the strategy's own measure of what it trades on. */
function fitnessFigures(
  view: SymbolView,
  range: RangeFigures,
  { momentum, previousMinutes }: { readonly momentum: number; readonly previousMinutes: number },
): FitnessFigures {
  const { previousClose } = view.reference;
  const gap =
    previousClose === undefined || view.sessionOpen === undefined
      ? 0
      : Math.abs(view.sessionOpen - previousClose) / previousClose;
  return {
    momentum: Math.abs(momentum),
    volatility: (range.high - range.low) / range.close,
    relativeVolume: relativeVolume(view, range, previousMinutes),
    gap,
  };
}

export interface RankingRule {
  readonly screens: Screens;
  readonly weights: FitnessWeights;
  /** The strategy's own measure, as a fraction of the price; undefined while it is unknown. */
  readonly momentum: (view: SymbolView, range: RangeFigures) => number | undefined;
}

/** A symbol with its fitness, before it has a rank. */
export type Scored = Omit<Candidate, 'rank'>;

/** A symbol that is not in the pool, with the reason. */
export type ScreenedOut = RankedPool['screenedOut'][number];

interface Scoring {
  readonly settings: Settings;
  readonly window: StrategyWindow;
  /** Length of the session before this one, which may have been a half day. */
  readonly previousMinutes: number;
}

function score(
  view: SymbolView,
  rule: RankingRule,
  { settings, window, previousMinutes }: Scoring,
): Scored | ScreenedOut {
  const failed = screen(view, settings, rule.screens);
  if (failed !== undefined) return { symbol: view.symbol, ...failed };
  const range = view.range(window.analysisFrom, window.breakoutFrom);
  const momentum = range === undefined ? undefined : rule.momentum(view, range);
  if (range === undefined || momentum === undefined) {
    return { symbol: view.symbol, code: 'NO_DATA', figures: { bars: String(range?.bars ?? 0) } };
  }
  const figures = fitnessFigures(view, range, { momentum, previousMinutes });
  return { symbol: view.symbol, fitness: fitness(figures, rule.weights), figures: figureTexts(figures) };
}

const isScored = (item: Scored | ScreenedOut): item is Scored => 'fitness' in item;

function figureTexts({ momentum, volatility, relativeVolume: pace, gap }: FitnessFigures): Figures {
  return {
    momentum: ratioText(momentum),
    volatility: ratioText(volatility),
    relativeVolume: ratioText(pace),
    gap: ratioText(gap),
  };
}

/** Best first; equal fitness is ordered by symbol, so the order does not depend on the feed. */
function byFitness(a: Scored, b: Scored): number {
  const order = b.fitness.compare(a.fitness);
  return order !== 0 ? order : a.symbol < b.symbol ? -1 : 1;
}

/** Screens and ranks every symbol of the session (TRD-12); the pool holds MAX_TRADES x CANDIDATE_MULTIPLIER. */
export function rankPool(
  market: MarketView,
  settings: Settings,
  window: StrategyWindow,
  rule: RankingRule,
): RankedPool {
  // the session opens on the same date in New York and in UTC
  const scoring = { settings, window, previousMinutes: previousSessionMinutes(dateOf(market.opensAt)) };
  const items = market.symbols.map((symbol) => score(market.of(symbol), rule, scoring));
  return poolOf(
    items.filter(isScored),
    items.filter((item): item is ScreenedOut => !isScored(item)),
    settings,
  );
}

/** The pool of the best, at most MAX_TRADES x CANDIDATE_MULTIPLIER; the others are left out with their fitness. */
export function poolOf(scored: readonly Scored[], screenedOut: readonly ScreenedOut[], settings: Settings): RankedPool {
  const ranked = [...scored].sort(byFitness);
  const limit = settings.MAX_TRADES * settings.CANDIDATE_MULTIPLIER;
  const crowdedOut = ranked.slice(limit).map((item) => ({
    symbol: item.symbol,
    code: 'POOL_FULL',
    figures: { fitness: item.fitness.text(), limit: String(limit) },
  }));
  return {
    candidates: ranked.slice(0, limit).map((item, index) => ({ ...item, rank: index + 1 })),
    screenedOut: [...screenedOut, ...crowdedOut],
  };
}
