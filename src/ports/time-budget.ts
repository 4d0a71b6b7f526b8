/** Work that may be stopped by force: rules of strategies are code of others, and one that loops must not stop the bot. */
export interface TimeBudget {
  /**
   * Runs synchronous `work`; after `ms` milliseconds of real time it is ended wherever it is, a loop included. Work that the
   * machine held up may be begun again, so it must be pure. Throws what `work` throws.
   */
  run<T>(work: () => T, ms: number): { readonly ended: true; readonly value: T } | { readonly ended: false };
}
