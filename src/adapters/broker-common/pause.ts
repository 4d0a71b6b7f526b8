import { RunningTimer } from '../clock/running-timer.js';

/** Resolves after a time in which this process ran. */
export function pauseMs(ms: number): Promise<void> {
  return new Promise((resolve) => void new RunningTimer(ms, resolve));
}
