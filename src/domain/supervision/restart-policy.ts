/** How a process that died is started again (RUN-2). Times in milliseconds of a clock that only goes forwards. */
export interface RestartPolicy {
  /** Wait before the first restart; each further one in a row waits twice as long. */
  readonly firstMs: number;
  readonly capMs: number;
  /** Whoever lived this long begins anew with the first wait. */
  readonly quietMs: number;
  /** So many deaths within the window, and it is given up. */
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
  /** Times of the deaths that still count, oldest first. */
  readonly deaths: readonly number[];
  /** Restarts in a row without a quiet time between. */
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
