/** Enforces a time limit on synchronous work: a strategy may be third-party code, and one that loops must not stop the bot. */
export interface TimeBudget {
  /**
   * Runs synchronous `work` and interrupts it after `ms` milliseconds of real time, even inside a loop. Work delayed by
   * the machine may run again, so it must be pure. Throws what `work` throws.
   */
  run<T>(work: () => T, ms: number): { readonly ended: true; readonly value: T } | { readonly ended: false };
}
