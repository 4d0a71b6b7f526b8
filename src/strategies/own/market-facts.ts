import { PRICE_SCALE } from '../../domain/market/types.js';
import type { MarketView, RangeFigures, SymbolView } from '../../domain/market/view.js';
import { isSymbol } from '../../events/names.js';
import { epochMs, MINUTE_MS, plusMs, toUtcText, type EpochMs } from '../../kernel/time.js';
import type { OpenPositionView, StrategyContext, StrategyWindow } from '../strategy.js';
import type { AskMarket } from './own-code.js';
import type * as own from './public.js';

/** The parts of the public interface that are facts; its functions are added where the module runs. */
type Facts<T> = { readonly [K in keyof T as T[K] extends (...args: never) => unknown ? never : K]: T[K] };

const UNITS_PER_DOLLAR = 10 ** PRICE_SCALE;

/** Dollars of a market price or an indicator, for comparisons only. */
function dollars(units: number): number {
  return units / UNITS_PER_DOLLAR;
}

const orNull = (units: number | undefined): number | null => (units === undefined ? null : dollars(units));

function rangeOf(range: RangeFigures | undefined): own.Range | null {
  if (range === undefined) return null;
  const { open, high, low, close, volume, bars } = range;
  return { open: dollars(open), high: dollars(high), low: dollars(low), close: dollars(close), volume, bars };
}

/** What a module sees of a symbol. */
export function symbolFacts(view: SymbolView, { now }: MarketView, window: StrategyWindow): Facts<own.SymbolView> {
  const { bollinger, reference } = view;
  const { analysisFrom, breakoutFrom } = window;
  const analysisEnd = now < breakoutFrom ? now : breakoutFrom;
  return {
    symbol: view.symbol,
    price: orNull(view.lastPrice),
    bid: orNull(view.bid),
    ask: orNull(view.ask),
    halted: view.halted,
    volume: view.volume,
    barCount: view.barCount,
    open: orNull(view.sessionOpen),
    high: orNull(view.sessionHigh),
    low: orNull(view.sessionLow),
    vwap: orNull(view.vwap),
    adx: view.adx ?? null,
    atr: orNull(view.atr),
    rsi: view.rsi ?? null,
    bollinger:
      bollinger === undefined
        ? null
        : { upper: dollars(bollinger.upper), middle: dollars(bollinger.middle), lower: dollars(bollinger.lower) },
    previousClose: orNull(reference.previousClose),
    previousVolume: reference.previousVolume ?? null,
    marketCap: reference.marketCap ?? null,
    analysis: rangeOf(view.range(analysisFrom, analysisEnd)),
  };
}

/** What a module knows besides; before the session opens there is no market. */
export function contextFacts(
  market: MarketView | undefined,
  { date, opensAt, closesAt }: StrategyContext,
  settings: Readonly<Record<string, number | boolean | string>>,
): Facts<own.Context> & { readonly settings: object } {
  const now = market?.now ?? opensAt;
  return {
    date,
    time: toUtcText(now),
    minute: Math.round((now - opensAt) / MINUTE_MS),
    minutesLeft: Math.round((closesAt - now) / MINUTE_MS),
    vix: market?.vix ?? null,
    settings,
  };
}

/** What a module sees of a position of its strategy. */
export function positionFacts({ symbol, side, entryPrice, entryAt }: OpenPositionView): own.Position {
  return { symbol, side, entryPrice: entryPrice.toApproximateNumber(), entryTime: entryAt };
}

/** No question has an answer before there is a market. */
export const NO_QUESTIONS: AskMarket = () => 'null';

/** Most bars or closes in one answer: more than a session has. */
const MOST_BARS = 1_000;

/** Answers the questions of a module about the symbols of the session. */
export function marketAnswers(market: MarketView): AskMarket {
  const known = new Set<string>(market.symbols);
  return (question) => {
    const [symbol, what, first, second] = Array.isArray(question) ? (question as readonly unknown[]) : [];
    if (typeof symbol !== 'string' || !isSymbol(symbol) || !known.has(symbol)) return 'null';
    const answer = answerOf(market.of(symbol), market.opensAt, {
      what,
      first: wholeOf(first),
      second: wholeOf(second),
    });
    return JSON.stringify(answer);
  };
}

interface Question {
  readonly what: unknown;
  readonly first: number;
  readonly second: number;
}

function answerOf(view: SymbolView, opensAt: EpochMs, { what, first, second }: Question): unknown {
  switch (what) {
    case 'sma':
      return first < 1 ? null : orNull(view.sma(first));
    case 'closes':
      return view.closes(Math.min(first, MOST_BARS)).map(dollars);
    case 'bars':
      return lastBars(view, opensAt, Math.min(first, MOST_BARS));
    case 'range': {
      const at = (minute: number): EpochMs => plusMs(opensAt, Math.min(minute, MOST_BARS * 10) * MINUTE_MS);
      return rangeOf(view.range(at(first), at(second)));
    }
    default:
      return null;
  }
}

function lastBars(view: SymbolView, opensAt: EpochMs, count: number): readonly own.Bar[] {
  const bars = view.bars();
  return bars.slice(Math.max(0, bars.length - count)).map((bar) => ({
    minute: Math.round((epochMs(bar.start) - opensAt) / MINUTE_MS),
    open: dollars(bar.open),
    high: dollars(bar.high),
    low: dollars(bar.low),
    close: dollars(bar.close),
    volume: bar.volume,
  }));
}

/** A count or minute as a whole number from 0; anything else counts as 0. */
function wholeOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}
