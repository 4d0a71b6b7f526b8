import { marketOf } from './market.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { parseDateText, type DateText } from '../../../src/kernel/time.js';
import { DayHarness, type HarnessOptions } from './day-harness.js';

export const DAY: DateText = parseDateText('2026-01-06');
export const NEXT_DAY: DateText = parseDateText('2026-01-07');

/** Bearish signals are traded too, so that a day has more round trips. */
export const BOTH_WAYS = { SHORT_TYPE_OPEN: 'ShortSell', SHORT_TYPE_MID: 'ShortSell', SHORT_TYPE_CLOSE: 'ShortSell' };

/**
 * A home before its first day. Seed 1 on DAY, undisturbed: TLRX long 14:51 to 15:30, QRVS short 14:56 to 15:30, NOVQ
 * short 17:16 to 17:55, ZYNK short 17:24 to 17:55.
 */
export function home(options: Partial<HarnessOptions> & { readonly seed?: number } = {}): DayHarness {
  const { seed = 1, settings, ...rest } = options;
  return new DayHarness({ feed: marketOf(seed), settings: { ...BOTH_WAYS, ...settings }, ...rest });
}

/** A home that has traded DAY. */
export async function played(options: Parameters<typeof home>[0] = {}): Promise<DayHarness> {
  const harness = home(options);
  await harness.run(DAY);
  return harness;
}

/** Milliseconds after the open (14:30 UTC in winter) of `hh:mm:ss.mmm` UTC. */
export function after(clock: string): number {
  const at = Date.parse(`${DAY}T${clock}Z`) - Date.parse(`${DAY}T14:30:00Z`);
  if (Number.isNaN(at)) throw new Error(`${clock} is not a time`);
  return at;
}

/** Time of day at which an event was recorded, `hh:mm:ss`. */
export function timeOf(event: RecordedEvent): string {
  return event.recordedAt.slice(11, 19);
}
