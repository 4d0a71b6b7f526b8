import { SeededRandom } from '../../kernel/random.js';
import { DAY_MS, type DateText } from '../../kernel/time.js';
import type { Personality } from './personality.js';

const CENT = 100;
const LOWEST_VIX = 12;
const HIGHEST_VIX = 28;

/**
 * Figures with a memory across days that need no history: smooth noise between random values on a grid of days, at
 * several speeds. So any day can be generated alone, and still follows from the previous day.
 */
function noise(seed: number, key: string, at: number): number {
  const left = Math.floor(at);
  const part = at - left;
  const value = (grid: number): number => SeededRandom.of(seed, key, grid).between(-1, 1);
  const from = value(left);
  if (part === 0) return from;
  return from + (value(left + 1) - from) * part * part * (3 - 2 * part);
}

function dayNumber(date: DateText): number {
  return Math.round(Date.parse(`${date}T00:00:00.000Z`) / DAY_MS);
}

/** Closing price of a day, in 1/10,000 dollar, whole cents. */
export function closingLevel(seed: number, { symbol, level, dailyMove }: Personality, date: DateText): number {
  const day = dayNumber(date);
  const away =
    0.1 * noise(seed, `${symbol} slow`, day / 90) +
    0.04 * noise(seed, `${symbol} swing`, day / 17) +
    1.2 * dailyMove * noise(seed, `${symbol} day`, day);
  return Math.round((level * 10_000 * (1 + away)) / CENT) * CENT;
}

/** Target volume of a day, in shares. */
export function volumeLevel(seed: number, { symbol, volume }: Personality, date: DateText): number {
  const day = dayNumber(date);
  return volume * (1 + 0.3 * noise(seed, `${symbol} interest`, day / 6) + 0.2 * noise(seed, `${symbol} crowd`, day));
}

/** VIX close of a day: 12 to 28, two decimals. */
export function vixLevel(seed: number, date: DateText): number {
  const day = dayNumber(date);
  const figure =
    19 + 6 * noise(seed, 'vix slow', day / 45) + 2.5 * noise(seed, 'vix swing', day / 8) + noise(seed, 'vix day', day);
  return Math.round(Math.min(HIGHEST_VIX, Math.max(LOWEST_VIX, figure)) * 100) / 100;
}
