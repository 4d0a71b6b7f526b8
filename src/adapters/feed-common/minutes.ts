import type { Bar, MarketSlice } from '../../domain/market/types.js';
import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';

/** The start of the minute of a time. */
export function minuteOf(at: EpochMs): EpochMs {
  return (at - (at % MINUTE_MS)) as EpochMs;
}

/** Minutes that ended in (from, to], of bars in any order; one without trades has no bars. */
export function slicesOf(bars: readonly Bar[], from: EpochMs, to: EpochMs): readonly MarketSlice[] {
  const slices: MarketSlice[] = [];
  for (let start = minuteOf(from); start + MINUTE_MS <= to; start = plusMs(start, MINUTE_MS)) {
    const end = plusMs(start, MINUTE_MS);
    if (end <= from) continue;
    const ended = bars.filter((bar) => bar.start === start);
    slices.push({ start, end, bars: ended, quotes: [], halted: [], vix: undefined });
  }
  return slices;
}
