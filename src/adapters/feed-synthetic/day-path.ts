import type { SeededRandom } from '../../kernel/random.js';
import { DayEvents, type SessionShape } from './day-events.js';
import type { Personality } from './personality.js';

/** Steps per minute: enough for a high and a low between open and close. */
export const STEPS = 4;
/** Square root of 390 minutes, which scales a day's deviation to a minute's. */
const ROOT_OF_DAY = 19.748417658131498;

export interface PathInit {
  readonly personality: Personality;
  readonly shape: SessionShape;
  /** Mid price at the open, and the target of the close. */
  readonly open: number;
  readonly close: number;
  readonly random: SeededRandom;
}

export interface DayPath {
  /** Mid prices in 1/10,000 dollar: `minutes` x STEPS + 1 of them, ends of minutes at multiples of STEPS. */
  readonly mids: Float64Array;
  /** Activity per minute: 1 is ordinary; it raises volume. */
  readonly heat: Float64Array;
}

/**
 * A day of mid prices: a seeded walk, more volatile at both ends, with the day's events, drawn to the day's close in
 * the slow part of the afternoon. Only + - * / on doubles: equal on every machine.
 */
export function dayPath({ personality, shape, open, close, random }: PathInit): DayPath {
  const { minutes } = shape;
  const mids = new Float64Array(minutes * STEPS + 1);
  const heat = new Float64Array(minutes).fill(1);
  const events = new DayEvents(personality, shape, random);
  const stepMove = personality.dailyVolatility / ROOT_OF_DAY / 2;
  let mid = open;
  mids[0] = mid;
  for (let minute = 0; minute < minutes; minute += 1) {
    const push = events.minute(minute, mid);
    heat[minute] = push.heat;
    const scale = stepMove * liveliness((minute + 0.5) / minutes) * push.calm;
    for (let step = 1; step <= STEPS; step += 1) {
      mid *= 1 + push.drift / STEPS + scale * random.normal();
      mids[minute * STEPS + step] = mid;
    }
  }
  leadToClose(mids, shape, close / mid);
  return { mids, heat };
}

/**
 * Nearly twice the volatility at the open, half more at the close, low at noon. `x` is 0 at the open, 1 at the close.
 */
function liveliness(x: number): number {
  const left = 1 - x;
  const early = left * left * left * left;
  const late = x * x * x;
  return 0.65 + 1.2 * early + 0.6 * late * late;
}

/** Distributes the gap to the day's close over its slow part, so that neither events nor ends are distorted. */
function leadToClose(mids: Float64Array, { slowFrom, slowTo }: SessionShape, ratio: number): void {
  const from = slowFrom * STEPS;
  const to = slowTo * STEPS;
  for (let index = from; index < mids.length; index += 1) {
    const part = index >= to ? 1 : (index - from) / (to - from);
    mids[index] = (mids[index] ?? 0) * (1 + (ratio - 1) * part);
  }
}
