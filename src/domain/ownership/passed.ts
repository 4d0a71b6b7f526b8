import type { ClockReading } from '../schedule/clock-jump.js';

/**
 * Milliseconds since a reading, by the clock that counts most: a process that was stopped, a machine that slept and a virtual
 * machine whose time of day was corrected are all noticed. Never less than what passed, so it bounds the age of a confirmation.
 */
export function ageMs(since: ClockReading, now: ClockReading): number {
  const slept = now.sinceBoot - since.sinceBoot;
  return Math.max(0, now.monotonic - since.monotonic, slept, now.wall - since.wall);
}

/** Milliseconds since a reading in which this process could run: never more than what passed, so it bounds a wait for others. */
export function waitedMs(since: ClockReading, now: ClockReading): number {
  return Math.max(0, now.monotonic - since.monotonic);
}
