import { RunningTimer } from '../clock/running-timer.js';

/** Resolves after a time in which this process ran. */
export function pauseMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = new RunningTimer(ms, () => {
      timer.cancel();
      resolve();
    });
  });
}
