import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import type { Bar, Price } from './types.js';

/** Start of the first minute that lies wholly after `at`. */
export function firstWholeMinute(at: EpochMs): EpochMs {
  return plusMs(at, (MINUTE_MS - (at % MINUTE_MS)) % MINUTE_MS);
}

/** Whether all trades of the bar are after `at`: of a bar that began before it, nobody knows which of its extremes came first. */
export function isWhollyAfter(bar: Bar, at: EpochMs): boolean {
  return bar.start >= firstWholeMinute(at);
}

/**
 * Highest and lowest price of a bar that is known to be after `at`: of the minute in which `at` lies this is the close
 * alone. Undefined for an earlier minute.
 */
export function extremesAfter(bar: Bar, at: EpochMs): { readonly high: Price; readonly low: Price } | undefined {
  if (isWhollyAfter(bar, at)) return { high: bar.high, low: bar.low };
  return plusMs(bar.start, MINUTE_MS) > at ? { high: bar.close, low: bar.close } : undefined;
}
