import { isInCalendar } from '../calendar/nyse.js';
import { dateOf, MINUTE_MS, SECOND_MS, type EpochMs } from '../../kernel/time.js';

/** Readings of the three clocks of a machine at one instant, in milliseconds. */
export interface ClockReading {
  /** Time of day; a user or a time server may set it. */
  readonly wall: number;
  /** Never set; stands still while the machine sleeps. */
  readonly monotonic: number;
  /** Never set; continues while the machine sleeps. */
  readonly sinceBoot: number;
}

export type JumpKind = 'forwards' | 'backwards' | 'slept';

/** A jump of the machine's clock: the times that it showed before and after. */
export interface WallJump {
  readonly kind: JumpKind;
  readonly from: number;
  readonly to: number;
}

/** The time of day that the bot works with, as of one reading of the clocks. */
export interface SteadyTime {
  readonly read: ClockReading;
  /** The time in use, in epoch milliseconds: that of the machine's clock while it is believed. */
  readonly time: number;
  /** How far the machine's clock is ahead of it; zero while it is believed. */
  readonly awayMs: number;
}

/** A smaller difference is an adjustment by a time server, or a delayed reading. */
const SMALLEST_JUMP_MS = 2 * SECOND_MS;
/**
 * A larger difference from the time that has passed is not believed: sessions would be closed, or run again, by a clock that
 * is wrong.
 */
export const LARGEST_BELIEVED_MS = 15 * MINUTE_MS;
/** The clocks are read each second: a process that did not for so long was frozen, and somebody must know. */
export const FROZEN_MS = 10 * SECOND_MS;

/** Time in use when the bot starts, or a person accepts the machine's clock. */
export function believed(read: ClockReading): SteadyTime {
  return { read, time: read.wall, awayMs: 0 };
}

/**
 * The time in use at the next reading (RUN-27). It follows the machine's clock, unless that moved by much more or less than
 * the time that passed: then it continues by the clocks that nobody sets, until the machine's clock comes back to it.
 */
export function steadyAfter(
  before: SteadyTime,
  read: ClockReading,
): { readonly steady: SteadyTime; readonly jump: WallJump | undefined } {
  const passed = Math.max(0, read.monotonic - before.read.monotonic);
  const slept = read.sinceBoot - before.read.sinceBoot - passed;
  const asleep = slept >= SMALLEST_JUMP_MS ? slept : 0;
  const time = before.time + passed + asleep;
  const away = read.wall - time;
  const isBelieved = Math.abs(away) <= LARGEST_BELIEVED_MS || isMoreCredible(read.wall, time);
  const steady = isBelieved ? believed(read) : { read, time, awayMs: away };
  const kind = kindOf(away - before.awayMs, asleep > 0 || passed >= FROZEN_MS);
  return { steady, jump: kind === undefined ? undefined : { kind, from: before.read.wall, to: read.wall } };
}

/** A time in a year of the exchange calendar is nearer to the truth than one outside. */
function isMoreCredible(wall: number, time: number): boolean {
  return isInCalendar(dateOf(wall as EpochMs)) && !isInCalendar(dateOf(time as EpochMs));
}

function kindOf(movedMs: number, wasFrozen: boolean): JumpKind | undefined {
  if (movedMs >= SMALLEST_JUMP_MS) return 'forwards';
  if (movedMs <= -SMALLEST_JUMP_MS) return 'backwards';
  return wasFrozen ? 'slept' : undefined;
}
