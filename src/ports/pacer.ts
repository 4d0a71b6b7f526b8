import type { Clock, EpochMs } from '../kernel/time.js';

/**
 * Timed waits (RUN-28): every wait of the live engine uses it, so a week runs in seconds under a virtual clock.
 * `now()` is the current time; the engine's own clock follows and is never ahead.
 */
export interface Pacer extends Clock {
  /** Seconds of the world per second of the machine. */
  readonly speed: number;
  /** Resolves when `at` is reached or `wake` is called; immediately when `at` is past. One waiter at a time. */
  until(at: EpochMs): Promise<'reached' | 'woken'>;
  /** Milliseconds, in the speed of the pacer, since a fixed instant; goes only forwards, whatever is done to the clock. */
  elapsedMs(): number;
  /** Ends the current wait, or the next one when none is pending. */
  wake(): void;
}
