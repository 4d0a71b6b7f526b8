/** Limits the time of synchronous work by force: a strategy is code of others, and one that loops must not stop the bot. */
export interface TimeBudget {
  /**
   * Runs synchronous `work` and interrupts it after `ms` milliseconds of real time, even inside a loop. Work that the
   * machine held up may run again, so it must be pure. Throws what `work` throws.
   */
  run<T>(work: () => T, ms: number): { readonly ended: true; readonly value: T } | { readonly ended: false };
}
