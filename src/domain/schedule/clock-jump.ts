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

/** A smaller difference is an adjustment by a time server, or a delayed reading. */
const SMALLEST_JUMP_MS = 2_000;

/** Kind of jump of the time of day between two readings (RUN-27); undefined without a jump. */
export function clockJump(before: ClockReading, after: ClockReading): JumpKind | undefined {
  const passed = after.monotonic - before.monotonic;
  const moved = after.wall - before.wall - passed;
  if (Math.abs(moved) < SMALLEST_JUMP_MS) return undefined;
  if (moved < 0) return 'backwards';
  const asleep = after.sinceBoot - before.sinceBoot - passed;
  return asleep > moved / 2 ? 'slept' : 'forwards';
}
