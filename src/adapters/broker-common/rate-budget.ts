import { MINUTE_MS, type Clock } from '../../kernel/time.js';

/** What a call is for: closing and cancelling calls may use the reserved share. */
export type CallUse = 'ordinary' | 'closing';

export interface RateBudgetOptions {
  /** Calls that the broker allows in any minute. */
  readonly perMinute: number;
  /** Of these, calls that only closing and cancelling may use. */
  readonly reserved: number;
  readonly clock: Clock;
}

/** A refusal of the broker without a time is repeated for a closing call after this. */
const CLOSING_PAUSE_MS = 1_000;

/**
 * Keeps the calls of any 60 seconds below the limit of the broker, ahead of its refusals (TRD-65). Nothing waits in it: a call without
 * room gets the time until there is some.
 */
export class RateBudget {
  /** Times of the calls of the last minute, oldest first: at most `perMinute`. */
  readonly #calls: number[] = [];
  #pausedUntil = 0;
  #pauseMs = 0;

  constructor(private readonly options: RateBudgetOptions) {}

  /** Takes one call: 0, or the milliseconds until there is room for it. */
  take(use: CallUse): number {
    const { nextFreeMs } = this.room(use);
    if (nextFreeMs === 0) this.#calls.push(this.options.clock.now());
    return nextFreeMs;
  }

  /** The broker refused a call for its rate: ordinary calls pause, closing calls try again soon. */
  pauseFor(ms: number): void {
    const now = this.options.clock.now();
    this.#pauseMs = Math.min(Math.max(ms, 1), MINUTE_MS);
    this.#pausedUntil = now + this.#pauseMs;
  }

  /** Calls that may leave at once, and the milliseconds until there is room for one. */
  room(use: CallUse): { readonly left: number; readonly nextFreeMs: number } {
    const now = this.options.clock.now();
    this.#forget(now);
    const paused = this.#pauseLeft(use, now);
    const most = this.#most(use);
    const left = paused > 0 ? 0 : Math.max(0, most - this.#calls.length);
    return { left, nextFreeMs: left > 0 ? 0 : Math.max(paused, this.#freesIn(most, now)) };
  }

  #most(use: CallUse): number {
    return this.options.perMinute - (use === 'closing' ? 0 : this.options.reserved);
  }

  #freesIn(most: number, now: number): number {
    const frees = this.#calls[this.#calls.length - Math.max(most, 1)];
    return frees === undefined ? 0 : Math.max(1, frees + MINUTE_MS - now);
  }

  #pauseLeft(use: CallUse, now: number): number {
    const left = this.#pausedUntil - now;
    // a clock that was set back must not make the pause longer than it was
    if (left > this.#pauseMs) this.#pausedUntil = now + this.#pauseMs;
    if (left <= 0) {
      // a pause that is over stays over when the clock is set back
      this.#pausedUntil = 0;
      return 0;
    }
    if (use === 'ordinary') return Math.min(left, this.#pauseMs);
    return Math.max(0, Math.min(left, CLOSING_PAUSE_MS - (this.#pauseMs - left)));
  }

  #forget(now: number): void {
    // calls that seem to lie ahead are of a clock that was set back since: they count from now
    for (let at = this.#calls.length - 1; at >= 0 && (this.#calls[at] ?? 0) > now; at -= 1) this.#calls[at] = now;
    while (this.#calls.length > 0 && (this.#calls[0] ?? 0) <= now - MINUTE_MS) this.#calls.shift();
  }
}
