import { type EpochMs, plusMs } from '../../kernel/time.js';
import { LONGEST_DELAY_MS } from './attempt-delay.js';

/** Successful log-ins of a user from one source that follow each other without a delay; nobody's normal use needs as many. */
export const FREE_LOGINS = 40;
const MOST_KEYS = 1_000;
const EVERY_MS = LONGEST_DELAY_MS;

/**
 * Paces successful log-ins, each of which is recorded: after FREE_LOGINS in a row there is one each 30 s, and one more is
 * free again for each 30 s without a log-in. Nobody is refused for longer. Bounded in memory.
 */
export class LoginPace {
  /** When all log-ins of a key so far are paid off. */
  readonly #paidAt = new Map<string, EpochMs>();

  /** The earliest time of the next log-in; undefined when it may be made now. */
  waitsUntil(key: string, now: EpochMs): EpochMs | undefined {
    const from = plusMs(this.#paid(key, now), -(FREE_LOGINS - 1) * EVERY_MS);
    return from > now ? from : undefined;
  }

  /** Counts a successful log-in. */
  loggedIn(key: string, now: EpochMs): void {
    const paidAt = plusMs(this.#paid(key, now), EVERY_MS);
    this.#paidAt.delete(key);
    this.#paidAt.set(key, paidAt);
    const oldest = this.#paidAt.keys().next().value;
    if (this.#paidAt.size > MOST_KEYS && oldest !== undefined) this.#paidAt.delete(oldest);
  }

  /** What a clock that was ahead has left does not count. */
  #paid(key: string, now: EpochMs): EpochMs {
    const paidAt = this.#paidAt.get(key) ?? now;
    return paidAt > plusMs(now, FREE_LOGINS * EVERY_MS) || paidAt < now ? now : paidAt;
  }
}
