/** What the three clocks of a machine show at one instant, in milliseconds. */
export interface ClockReading {
  /** Time of day; a person or a time server may set it. */
  readonly wall: number;
  /** Never set; stands still while the machine sleeps. */
  readonly monotonic: number;
  /** Never set; goes on while the machine sleeps. */
  readonly sinceBoot: number;
}

export type JumpKind = 'forwards' | 'backwards' | 'slept';

/** Less than this is the steering of a time server, or a read that came late. */
const SMALLEST_JUMP_MS = 2_000;

/** How the time of day moved between two readings otherwise than time passed (RUN-27); undefined when it did not. */
export function clockJump(before: ClockReading, after: ClockReading): JumpKind | undefined {
  const passed = after.monotonic - before.monotonic;
  const moved = after.wall - before.wall - passed;
  if (Math.abs(moved) < SMALLEST_JUMP_MS) return undefined;
  if (moved < 0) return 'backwards';
  const asleep = after.sinceBoot - before.sinceBoot - passed;
  return asleep > moved / 2 ? 'slept' : 'forwards';
}
