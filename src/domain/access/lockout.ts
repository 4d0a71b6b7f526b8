import { type EpochMs, MINUTE_MS, plusMs } from '../../kernel/time.js';

/** How often a name was tried in a row without success, and until when it waits. */
export interface Attempts {
  readonly failures: number;
  readonly lockedUntil: EpochMs | null;
}

export interface LockoutRule {
  /** LOGIN_ATTEMPT_LIMIT: attempts before the name waits. */
  readonly limit: number;
  /** LOGIN_LOCKOUT_MINUTES. */
  readonly minutes: number;
}

export const NO_ATTEMPTS: Attempts = { failures: 0, lockedUntil: null };

export type Begun =
  | { readonly may: 'try'; readonly attempts: Attempts; readonly locks: boolean }
  | { readonly may: 'wait'; readonly until: EpochMs };

/**
 * Counts an attempt before its password is looked at, so that attempts at the same time can never be more than the limit
 * (SEC-13). The last that the limit leaves locks at once; its success unlocks.
 */
export function beginAttempt(attempts: Attempts, rule: LockoutRule, now: EpochMs): Begun {
  if (attempts.lockedUntil !== null && now < attempts.lockedUntil) return { may: 'wait', until: attempts.lockedUntil };
  // A lock that is over leaves nothing behind: the count begins anew.
  const failures = (attempts.lockedUntil === null ? attempts.failures : 0) + 1;
  const locks = failures >= rule.limit;
  const lockedUntil = locks ? plusMs(now, rule.minutes * MINUTE_MS) : null;
  return { may: 'try', attempts: { failures, lockedUntil }, locks };
}
