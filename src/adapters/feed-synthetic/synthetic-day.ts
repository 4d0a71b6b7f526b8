import { zonedToUtc } from '../../domain/calendar/clock-time.js';
import { EXCHANGE_ZONE, FIRST_YEAR, LAST_YEAR, previousTradingDay, sessionOf } from '../../domain/calendar/nyse.js';
import { price, type Bar, type Ohlc, type QuoteBar } from '../../domain/market/types.js';
import { SeededRandom } from '../../kernel/random.js';
import { addDays, MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import { dayPath, STEPS } from './day-path.js';
import type { SessionShape } from './day-events.js';
import { closingLevel, volumeLevel } from './levels.js';
import type { Personality } from './personality.js';

const CENT = 100;
const REGULAR_SLOW_FROM = 195;
const SHORT_SLOW_FROM = 60;
const SLOW_ENDS_BEFORE_CLOSE = 35;
const LONG_DAY = 300;
const CALM_MINUTES_AFTER_OPEN = 15;

/** A generated day of one symbol. */
export interface SyntheticDay {
  readonly bars: readonly Bar[];
  readonly quotes: readonly QuoteBar[];
  readonly volume: number;
}

/** Minutes [from, to) after the open in which nothing trades. */
export interface Halt {
  readonly from: number;
  readonly to: number;
}

/** Hours of a day, or its usual hours when the exchange is closed on it: the caller decides what is a trading day. */
export function sessionHours(date: DateText): { readonly opensAt: EpochMs; readonly closesAt: EpochMs } {
  const known = inCalendar(date) ? sessionOf(date) : undefined;
  if (known !== undefined) return known;
  return { opensAt: zonedToUtc(date, '09:30', EXCHANGE_ZONE), closesAt: zonedToUtc(date, '16:00', EXCHANGE_ZONE) };
}

export function dayBefore(date: DateText): DateText {
  if (inCalendar(date) && inCalendar(addDays(date, -14))) return previousTradingDay(date);
  const weekday = new Date(`${date}T00:00:00.000Z`).getUTCDay();
  return addDays(date, weekday === 1 ? -3 : weekday === 0 ? -2 : -1);
}

/** Bars and quotes of one symbol on one day, from the seed alone; its last close is the day's `closingLevel`. */
export function syntheticDay(
  seed: number,
  personality: Personality,
  date: DateText,
  halt: Halt | undefined,
): SyntheticDay {
  const { opensAt, closesAt } = sessionHours(date);
  const minutes = (closesAt - opensAt) / MINUTE_MS;
  const shape: SessionShape = {
    minutes,
    slowFrom: minutes > LONG_DAY ? REGULAR_SLOW_FROM : SHORT_SLOW_FROM,
    slowTo: minutes - SLOW_ENDS_BEFORE_CLOSE,
  };
  const random = SeededRandom.of(seed, personality.symbol, date, 'path');
  const before = closingLevel(seed, personality, dayBefore(date));
  const open = before * (1 + personality.gap * random.normal());
  const close = closingLevel(seed, personality, date);
  const path = dayPath({ personality, shape, open, close, random });
  const shares = volumes(seed, personality, date, path.heat);
  const trades = SeededRandom.of(seed, personality.symbol, date, 'trades');
  const bars: Bar[] = [];
  const quotes: QuoteBar[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const misses = trades.chance(personality.missing * quietness(minute, minutes));
    const sizes = [trades.integer(1, 40) * 100, trades.integer(1, 40) * 100] as const;
    if (halt !== undefined && minute >= halt.from && minute < halt.to) continue;
    const mids = minuteMids(path.mids, minute);
    const start = plusMs(opensAt, minute * MINUTE_MS);
    quotes.push(quoteBar(personality, start, { mids, minute, sizes }));
    if (!misses) bars.push({ symbol: personality.symbol, start, ...toCents(mids), volume: shares[minute] ?? 1 });
  }
  return { bars, quotes, volume: bars.reduce((sum, bar) => sum + bar.volume, 0) };
}

function inCalendar(date: DateText): boolean {
  const year = Number(date.slice(0, 4));
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

/** 1 at noon, 0 in the first and last minutes, which always trade. */
function quietness(minute: number, minutes: number): number {
  const side = (2 * minute) / (minutes - 1) - 1;
  return minute === 0 || minute === minutes - 1 ? 0 : 1 - side * side;
}

/** Distributes the day's shares over its minutes: a U with both auctions on top, randomized, more in active minutes. */
function volumes(seed: number, personality: Personality, date: DateText, heat: Float64Array): number[] {
  const random = SeededRandom.of(seed, personality.symbol, date, 'volume');
  const minutes = heat.length;
  const weights = Array.from({ length: minutes }, (_, minute) => {
    const side = (2 * minute) / (minutes - 1) - 1;
    const square = side * side;
    const fourth = square * square;
    const auction = minute === 0 ? 4 : minute === minutes - 1 ? 6 : 1;
    return auction * (0.5 + 1.1 * square + 1.5 * fourth * fourth);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const day = volumeLevel(seed, personality, date);
  return weights.map((weight, minute) => {
    const shaken = 0.25 + 0.75 * (random.next() + random.next());
    return Math.max(1, Math.round(((day * weight) / total) * shaken * (heat[minute] ?? 1)));
  });
}

function minuteMids(mids: Float64Array, minute: number): MidOhlc {
  const first = minute * STEPS;
  const open = mids[first] ?? CENT;
  let high = open;
  let low = open;
  let close = open;
  for (let index = first + 1; index <= first + STEPS; index += 1) {
    close = mids[index] ?? CENT;
    if (close > high) high = close;
    if (close < low) low = close;
  }
  return { open, high, low, close };
}

interface MidOhlc {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

function each(mids: MidOhlc, toPrice: (mid: number) => number): Ohlc {
  const cents = (mid: number) => price(Math.max(CENT, toPrice(mid)));
  return { open: cents(mids.open), high: cents(mids.high), low: cents(mids.low), close: cents(mids.close) };
}

function toCents(mids: MidOhlc): Ohlc {
  return each(mids, (mid) => Math.round(mid / CENT) * CENT);
}

interface QuoteInit {
  readonly mids: MidOhlc;
  readonly minute: number;
  readonly sizes: readonly [number, number];
}

/** Four times as wide at the open, ordinary after fifteen minutes; never below one cent, never crossed. */
function quoteBar({ symbol, halfSpread }: Personality, start: EpochMs, { mids, minute, sizes }: QuoteInit): QuoteBar {
  const early = Math.max(0, CALM_MINUTES_AFTER_OPEN - minute) / CALM_MINUTES_AFTER_OPEN;
  const half = halfSpread * (1 + 3 * early);
  const bidOf = (mid: number): number => Math.floor((mid * (1 - half)) / CENT) * CENT;
  const askOf = (mid: number): number => Math.max(bidOf(mid) + CENT, Math.ceil((mid * (1 + half)) / CENT) * CENT);
  return { symbol, start, bid: each(mids, bidOf), ask: each(mids, askOf), bidSize: sizes[0], askSize: sizes[1] };
}
