/** Elapsed time, independent of the system clock: for measuring, never for timestamps. */
export interface Stopwatch {
  /** Milliseconds since a fixed instant, with fractions. */
  elapsedMs(): number;
}
