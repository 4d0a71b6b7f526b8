/** What became of work with a time limit. `used`: it had the processor for the whole of it; otherwise the machine was busy. */
export type Budgeted<T> =
  { readonly ended: true; readonly value: T } | { readonly ended: false; readonly used: boolean };

/** Enforces a time limit on synchronous work: a strategy may be third-party code, and one that loops must not stop the bot. */
export interface TimeBudget {
  /**
   * Runs synchronous `work` and interrupts it, even inside a loop, once it had the processor for `ms` milliseconds, or
   * after a few times as much real time. Work that was interrupted may run again, so it must be pure. Throws what `work`
   * throws.
   */
  run<T>(work: () => T, ms: number): Budgeted<T>;
}
