import type { SteadyClock } from '../../adapters/clock/steady-clock.js';
import type { Log } from '../../adapters/telemetry/telemetry.js';

const LOOK_MS = 1_000;
/** A busy machine delays a look by less. */
const STOOD_STILL_MS = 2_000;

/** Compares the clocks of the machine each second, and says in the log when main itself stood still meanwhile. */
export function lookAtClocks(steady: Pick<SteadyClock, 'look' | 'elapsedMs'>, log: Pick<Log, 'warn'>): NodeJS.Timeout {
  let before = steady.elapsedMs();
  return setInterval(() => {
    steady.look();
    const now = steady.elapsedMs();
    const stillMs = Math.round(now - before - LOOK_MS);
    before = now;
    if (stillMs > STOOD_STILL_MS)
      log.warn('main stood still: it, or the machine, was paused or very busy', { stillMs });
  }, LOOK_MS);
}
