import type { Stopwatch } from '../../ports/stopwatch.js';

/** The machine's monotonic clock. */
export class ProcessStopwatch implements Stopwatch {
  elapsedMs(): number {
    return performance.now();
  }
}
