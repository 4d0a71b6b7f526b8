/** Restart policy of a failed process (RUN-2). Times in milliseconds of a monotonic clock. */
export interface RestartPolicy {
  /** Delay before the first restart; it doubles with each consecutive one. */
  readonly firstMs: number;
  readonly capMs: number;
  /** A run of this length resets the delay. */
  readonly quietMs: number;
  /** `maxFailures` failures within this window end the restarts. */
  readonly windowMs: number;
  readonly maxFailures: number;
  /** Delay after a death by an outage of the journal; such deaths do not count as failures. */
  readonly outageMs: number;
}

export const RESTART_POLICY: RestartPolicy = {
  firstMs: 250,
  capMs: 30_000,
  quietMs: 60_000,
  windowMs: 300_000,
  maxFailures: 5,
  outageMs: 2_000,
};

/** `outage`: the journal could not be written or opened for the time being; no other start would have fared better. */
export type FailureCause = 'failure' | 'outage';

export interface FailureHistory {
  /** Times of the failures within the window, oldest first. */
  readonly failures: readonly number[];
  /** Consecutive restarts without a quiet time between them. */
  readonly streak: number;
}

export const NO_FAILURES: FailureHistory = { failures: [], streak: 0 };

/** `failures`: those that count, within the window. */
export type AfterFailure =
  | { readonly kind: 'restart'; readonly inMs: number; readonly failures: number }
  | { readonly kind: 'give up'; readonly failures: number };

export function afterFailure(
  history: FailureHistory,
  run: { readonly startedAt: number; readonly failedAt: number; readonly cause?: FailureCause },
  policy: RestartPolicy = RESTART_POLICY,
): { readonly history: FailureHistory; readonly next: AfterFailure } {
  if (run.cause === 'outage') {
    const failures = history.failures.length;
    return { history, next: { kind: 'restart', inMs: policy.outageMs, failures } };
  }
  const failures = [...history.failures.filter((at) => run.failedAt - at < policy.windowMs), run.failedAt];
  const streak = run.failedAt - run.startedAt >= policy.quietMs ? 0 : history.streak;
  const after = { failures, streak: streak + 1 };
  if (failures.length >= policy.maxFailures)
    return { history: after, next: { kind: 'give up', failures: failures.length } };
  // 2 ** 30 and more would pass every cap: the exponent is bounded so that it stays a number.
  const inMs = Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(streak, 30));
  return { history: after, next: { kind: 'restart', inMs, failures: failures.length } };
}
