import { type EpochMs, isOver, MINUTE_MS, plusMs } from '../../kernel/time.js';

/** Consecutive failed attempts of a user name, and the end of its lockout. */
export interface Attempts {
  readonly failures: number;
  readonly lockedUntil: EpochMs | null;
}

export interface LockoutRule {
  /** LOGIN_ATTEMPT_LIMIT: failed attempts that lock the name out. */
  readonly limit: number;
  /** LOGIN_LOCKOUT_MINUTES. */
  readonly minutes: number;
}

export const NO_ATTEMPTS: Attempts = { failures: 0, lockedUntil: null };

export type Begun =
  | { readonly may: 'try'; readonly attempts: Attempts; readonly locks: boolean }
  | { readonly may: 'wait'; readonly until: EpochMs };

/** End of the lockout; null when there is none, it is over, or a clock that was ahead had set it. */
export function lockedUntilOf({ lockedUntil }: Attempts, rule: LockoutRule, now: EpochMs): EpochMs | null {
  return lockedUntil !== null && !isOver(lockedUntil, rule.minutes * MINUTE_MS, now) ? lockedUntil : null;
}

/**
 * Counts an attempt before its password is checked, so parallel attempts cannot exceed the limit (SEC-13). The last
 * allowed attempt locks immediately, and unlocks when it succeeds.
 */
export function beginAttempt(attempts: Attempts, rule: LockoutRule, now: EpochMs): Begun {
  const until = lockedUntilOf(attempts, rule, now);
  if (until !== null) return { may: 'wait', until };
  // after an expired lockout the count starts again
  const failures = (attempts.lockedUntil === null ? attempts.failures : 0) + 1;
  const locks = failures >= rule.limit;
  const lockedUntil = locks ? plusMs(now, rule.minutes * MINUTE_MS) : null;
  return { may: 'try', attempts: { failures, lockedUntil }, locks };
}
