/** Restart policy of a failed process (RUN-2). Times in milliseconds of a monotonic clock. */
export interface RestartPolicy {
  /** Delay before the first restart; it doubles with each consecutive one. */
  readonly firstMs: number;
  readonly capMs: number;
  /** A run of this length resets the delay. */
  readonly quietMs: number;
  /** `mostDeaths` failures within this window end the restarts. */
  readonly windowMs: number;
  readonly mostDeaths: number;
}

export const RESTART_POLICY: RestartPolicy = {
  firstMs: 250,
  capMs: 30_000,
  quietMs: 60_000,
  windowMs: 300_000,
  mostDeaths: 5,
};

export interface DeathHistory {
  /** Times of the failures within the window, oldest first. */
  readonly deaths: readonly number[];
  /** Consecutive restarts without a quiet time between them. */
  readonly streak: number;
}

export const NO_DEATHS: DeathHistory = { deaths: [], streak: 0 };

export type AfterDeath =
  | { readonly kind: 'restart'; readonly inMs: number; readonly deaths: number }
  | { readonly kind: 'give up'; readonly deaths: number };

export function afterDeath(
  history: DeathHistory,
  life: { readonly startedAt: number; readonly diedAt: number },
  policy: RestartPolicy = RESTART_POLICY,
): { readonly history: DeathHistory; readonly next: AfterDeath } {
  const deaths = [...history.deaths.filter((at) => life.diedAt - at < policy.windowMs), life.diedAt];
  const streak = life.diedAt - life.startedAt >= policy.quietMs ? 0 : history.streak;
  const after = { deaths, streak: streak + 1 };
  if (deaths.length >= policy.mostDeaths) return { history: after, next: { kind: 'give up', deaths: deaths.length } };
  // 2 ** 30 and more would pass every cap: the exponent is bounded so that it stays a number.
  const inMs = Math.min(policy.capMs, policy.firstMs * 2 ** Math.min(streak, 30));
  return { history: after, next: { kind: 'restart', inMs, deaths: deaths.length } };
}
