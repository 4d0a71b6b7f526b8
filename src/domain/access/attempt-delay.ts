import { type EpochMs, isOver, MINUTE_MS, plusMs, SECOND_MS } from '../../kernel/time.js';

/** Failed attempts of one source at one name. */
export interface Attempts {
  readonly failures: number;
  /** Earliest time of the next attempt; null when it may be made at once. */
  readonly notBefore: EpochMs | null;
  /** Time of the last failure; null when there is none. */
  readonly lastAt: EpochMs | null;
}

export interface DelayRule {
  /** LOGIN_ATTEMPT_LIMIT: failures after which the delay is the longest. */
  readonly limit: number;
  /** LOGIN_LOCKOUT_MINUTES: failures are forgotten this long after the last one. */
  readonly minutes: number;
}

export const NO_ATTEMPTS: Attempts = { failures: 0, notBefore: null, lastAt: null };

/** No attempt waits longer: right credentials are late at most by this (SEC-13). */
export const LONGEST_DELAY_MS = 30 * SECOND_MS;
/** A person does not notice less. */
const SHORTEST_DELAY_MS = 250;

export type Begun =
  { readonly may: 'try'; readonly attempts: Attempts } | { readonly may: 'wait'; readonly until: EpochMs };

/** Milliseconds before the attempt that follows so many failures: the longest delay at the limit, half of it for each failure fewer. */
function delayAfter(failures: number, { limit }: DelayRule): number {
  if (failures >= limit) return LONGEST_DELAY_MS;
  const delay = LONGEST_DELAY_MS / 2 ** (limit - failures);
  return delay < SHORTEST_DELAY_MS ? 0 : Math.ceil(delay);
}

/** What still counts: old failures are forgotten, and so are those of a clock that was ahead. */
export function remembered(attempts: Attempts, rule: DelayRule, now: EpochMs): Attempts {
  if (attempts.lastAt === null) return NO_ATTEMPTS;
  const lastsMs = rule.minutes * MINUTE_MS;
  return isOver(plusMs(attempts.lastAt, lastsMs), lastsMs, now) ? NO_ATTEMPTS : attempts;
}

/**
 * Counts an attempt before its secret is checked, so parallel attempts are no faster than one after the other (SEC-13).
 * `besieged`: the name is guessed from other sources too; each source then has one attempt without delay.
 */
export function beginAttempt(attempts: Attempts, rule: DelayRule, now: EpochMs, besieged = false): Begun {
  const known = remembered(attempts, rule, now);
  if (known.notBefore !== null && !isOver(known.notBefore, LONGEST_DELAY_MS, now)) {
    return { may: 'wait', until: known.notBefore };
  }
  const failures = known.failures + 1;
  const delay = besieged ? LONGEST_DELAY_MS : delayAfter(failures, rule);
  return { may: 'try', attempts: { failures, notBefore: delay === 0 ? null : plusMs(now, delay), lastAt: now } };
}

/** One more failure of a count that delays nobody by itself. */
export function countFailure(attempts: Attempts, rule: DelayRule, now: EpochMs): Attempts {
  return { failures: remembered(attempts, rule, now).failures + 1, notBefore: null, lastAt: now };
}
