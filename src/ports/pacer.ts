import type { Clock, EpochMs } from '../kernel/time.js';

/**
 * Waiting by the clock (RUN-28): every wait of the live engine goes through it, so a week runs in seconds under a virtual
 * one. `now()` is the time of the world; the engine's own clock follows it and is never ahead.
 */
export interface Pacer extends Clock {
  /** Resolves when `at` is reached, or as soon as `wake` is called; at once when `at` is past. One waiter at a time. */
  until(at: EpochMs): Promise<'reached' | 'woken'>;
  /** Ends the present wait, or the next one when nobody waits. */
  wake(): void;
}
