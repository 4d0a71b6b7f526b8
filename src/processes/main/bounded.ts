import { RunningTimer } from '../../adapters/clock/running-timer.js';

/** Settles as `work` does, or resolves to `instead` after `withinMs`. */
export function bounded<T>(work: Promise<T>, withinMs: number, instead: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = new RunningTimer(withinMs, () => resolve(instead));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
