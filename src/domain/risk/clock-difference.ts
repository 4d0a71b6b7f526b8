import { SECOND_MS, type EpochMs } from '../../kernel/time.js';

/** A question for the time of another machine: when it was asked and answered, and what the answer says. */
export interface AskedTime {
  readonly askedAt: EpochMs;
  readonly theirs: EpochMs;
  readonly answeredAt: EpochMs;
}

/** How far our clock is from another one. */
export interface ClockDifference {
  /** Milliseconds by which ours is ahead for certain, and by which it is behind; at most one is above zero. */
  readonly aheadMs: number;
  readonly behindMs: number;
}

/** An answer is of any time between question and answer: a slow one is no wrong clock. */
export function clockDifference({ askedAt, theirs, answeredAt }: AskedTime): ClockDifference {
  return { aheadMs: Math.max(0, askedAt - theirs), behindMs: Math.max(0, theirs - answeredAt) };
}

/** The larger part of the difference, in milliseconds. */
export function apartMs({ aheadMs, behindMs }: ClockDifference): number {
  return Math.max(aheadMs, behindMs);
}

/** Which clock is ahead, and by how much: `the clock of this machine is 31 s behind that of TRADIER`. */
export function clockDifferenceText(difference: ClockDifference, broker: string): string {
  const side = difference.behindMs > 0 ? 'behind' : 'ahead of';
  return `the clock of this machine is ${Math.round(apartMs(difference) / SECOND_MS)} s ${side} that of ${broker}`;
}
