/** Time as it passes, whatever the clock on the wall is set to: for measuring, never for timestamps. */
export interface Stopwatch {
  /** Milliseconds since some fixed instant, with fractions. */
  elapsedMs(): number;
}
