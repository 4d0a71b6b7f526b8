import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { DAY_MS, MINUTE_MS } from '../../kernel/time.js';

/** So few steps are no evidence: a share that hardly trades has rows at any distance. */
const FEWEST_STEPS = 5;
/** Only the most common steps can be those of the file. */
const MOST_CANDIDATES = 8;
/** Chances, in powers of two, that minute bars have such times: one in 500 where most rows follow each other, else one in a million. */
const [REGULAR_BITS, THIN_BITS] = [9, 20];

/**
 * The step in milliseconds that contradicts minute bars: that of most rows when it is less than a minute, or a longer one
 * on whose raster so many rows start that minute bars would hardly do so by chance, whatever a few odd rows do. Undefined
 * when nothing contradicts. `days` are the starts of each day's rows.
 */
export function otherStep(days: Iterable<readonly number[]>): number | undefined {
  const sorted = [...days].map((starts) => [...new Set(starts.map(wholeSecond))].sort((a, b) => a - b));
  const steps = sorted.flatMap((starts) => starts.slice(1).map((start, index) => start - (starts[index] ?? start)));
  if (steps.length < FEWEST_STEPS) return undefined;
  const fine = steps.filter((step) => step < MINUTE_MS);
  if (fine.length * 2 >= steps.length) return fine.sort((a, b) => a - b)[fine.length >> 1];
  if (steps.filter((step) => step === MINUTE_MS).length * 2 > steps.length) return undefined;
  const found = longSteps(steps).filter(({ step, times }) => {
    const isRegular = times * 2 >= steps.length;
    return bitsAgainstMinutes(sorted, step) >= (isRegular ? REGULAR_BITS : THIN_BITS);
  });
  return found[0]?.step;
}

/** Daylight saving moves the time of a daily bar in UTC by an hour. */
const MOST_TIMES_OF_DAY = 2;

/** Whether a file has one bar a day, always at the same time: daily bars. A share that hardly trades does so at any time. */
export function isDaily(days: Iterable<readonly number[]>): boolean {
  const starts = [...days].map((day) => [...new Set(day.map(wholeSecond))]);
  if (starts.length < FEWEST_STEPS || starts.some((day) => day.length !== 1)) return false;
  return new Set(starts.flat().map((start) => start % DAY_MS)).size <= MOST_TIMES_OF_DAY;
}

/** Some recorders write the time at which they heard a bar. */
function wholeSecond(start: number): number {
  return Math.round(start / 1_000) * 1_000;
}

/** The most common steps of more than a minute, those of most rows first. */
function longSteps(steps: readonly number[]): readonly { readonly step: number; readonly times: number }[] {
  const counts = new Map<number, number>();
  for (const step of steps) if (step > MINUTE_MS) counts.set(step, (counts.get(step) ?? 0) + 1);
  return [...counts]
    .map(([step, times]) => ({ step, times }))
    .sort((a, b) => b.times - a.times || a.step - b.step)
    .slice(0, MOST_CANDIDATES);
}

/**
 * How improbable it is, in powers of two, that so many minute bars start on one raster of `step`: each hits one of its
 * minutes by chance. Two rows prove nothing, since step and raster are chosen after them; a row off the raster may be any.
 */
function bitsAgainstMinutes(days: readonly (readonly number[])[], step: number): number {
  const chance = greatestDivisor(step, MINUTE_MS) / step;
  let rows = 0;
  let on = 0;
  let evidence = -1;
  for (const starts of days) {
    const most = mostOnOnePhase(starts, step);
    rows += starts.length;
    on += most;
    evidence += Math.max(0, most - 1);
  }
  const off = rows - on;
  const choices = off === 0 ? 0 : off * Math.log2((Math.E * rows) / off);
  return -evidence * Math.log2(chance) - choices;
}

function mostOnOnePhase(starts: readonly number[], step: number): number {
  const counts = new Map<number, number>();
  let most = 0;
  for (const start of starts) {
    const count = (counts.get(start % step) ?? 0) + 1;
    counts.set(start % step, count);
    if (count > most) most = count;
  }
  return most;
}

/** The refusal of a file whose rows are `step` milliseconds apart. */
export function notMinutes(path: string, step: number): TradeBotError {
  const apart =
    step === DAY_MS
      ? 'a day'
      : step % MINUTE_MS === 0
        ? `${step / MINUTE_MS} minutes`
        : `${String(Math.round(step / 10) / 100)} seconds`;
  return dataError({
    code: 'DATA_NOT_MINUTES',
    message: `${path} has rows that are ${apart} apart, not minute bars`,
    remedy: `Give bars of one minute${step < MINUTE_MS ? ': sum these up' : ''}.`,
  });
}

function greatestDivisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
