import { dataError, type TradeBotError } from '../../kernel/errors.js';
import { MINUTE_MS } from '../../kernel/time.js';

/** So few steps are no evidence: a share that hardly trades has rows at any distance. */
const FEWEST_STEPS = 5;

/**
 * The distance in milliseconds that contradicts minute bars: most rows are less than a minute apart, or all of them
 * are on a coarser raster and most are one step of it apart. Undefined when nothing contradicts. `days` are the starts
 * of each day's rows.
 */
export function otherStep(days: Iterable<readonly number[]>): number | undefined {
  const steps: number[] = [];
  for (const starts of days) {
    const sorted = [...new Set(starts)].sort((a, b) => a - b);
    for (let index = 1; index < sorted.length; index += 1) {
      steps.push((sorted[index] ?? 0) - (sorted[index - 1] ?? 0));
    }
  }
  if (steps.length < FEWEST_STEPS) return undefined;
  const fine = steps.filter((step) => step < MINUTE_MS);
  if (fine.length * 2 >= steps.length) return fine.sort((a, b) => a - b)[fine.length >> 1];
  const raster = steps.reduce(greatestDivisor, 0);
  const single = steps.filter((step) => step === raster);
  return raster > MINUTE_MS && single.length * 2 >= steps.length ? raster : undefined;
}

/** The refusal of a file whose rows are `step` milliseconds apart. */
export function notMinutes(path: string, step: number): TradeBotError {
  const apart =
    step % MINUTE_MS === 0 ? `${step / MINUTE_MS} minutes` : `${String(Math.round(step / 10) / 100)} seconds`;
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
