import { invariant } from '../../kernel/errors.js';
import { epochMs, toUtcText, type Clock, type EpochMs } from '../../kernel/time.js';

/** Time that stands still until it is advanced (RUN-28): simulations and tests run on it. */
export class VirtualClock implements Clock {
  #at: EpochMs;

  constructor(start: EpochMs) {
    this.#at = epochMs(start);
  }

  now(): EpochMs {
    return this.#at;
  }

  /** Moves to `at`; the present moment is allowed, the past is a LogicError `CLOCK_BACKWARDS`. */
  advanceTo(at: EpochMs): void {
    const next = epochMs(at);
    if (next < this.#at) {
      invariant(false, 'CLOCK_BACKWARDS', `the clock at ${toUtcText(this.#at)} cannot go back to ${toUtcText(next)}`);
    }
    this.#at = next;
  }

  /** Moves to `at`, also to the past: after the clock that it follows was set back. */
  setTo(at: EpochMs): void {
    this.#at = epochMs(at);
  }
}
