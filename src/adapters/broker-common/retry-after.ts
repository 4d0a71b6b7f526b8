import type { EpochMs } from '../../kernel/time.js';

/** Above this a number of a reset is a time in milliseconds, not in seconds. */
const MILLISECONDS_FROM = 100_000_000_000;
/** Above this a number of a reset is a time, not a duration. */
const TIME_FROM = 1_000_000_000;

/** How long a broker asks to wait: `Retry-After` in seconds or as a date, or a reset as a time; undefined without one. */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: EpochMs): number | undefined {
  const after = headers['retry-after'];
  if (after !== undefined) {
    const seconds = Number(after);
    const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(after) - now;
    if (Number.isFinite(ms) && ms >= 0) return ms;
  }
  const reset = headers['x-ratelimit-reset'] ?? headers['x-ratelimit-expiry'];
  const value = Number(reset ?? Number.NaN);
  if (!Number.isFinite(value) || value < 0) return undefined;
  if (value < TIME_FROM) return value * 1_000;
  return Math.max(0, (value < MILLISECONDS_FROM ? value * 1_000 : value) - now);
}
