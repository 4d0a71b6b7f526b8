import type { components } from '../../generated/api.js';
import { isDay } from '../../lib/format.js';

/** The form of an export as it was filled in. */
export interface Wanted extends Record<string, unknown> {
  readonly format: components['schemas']['ExportInput']['format'];
  readonly range: 'last' | 'session' | 'days' | 'now';
  readonly session: string;
  readonly from: string;
  readonly to: string;
}

const DAY_NEEDED = 'Enter a day such as 2013-10-07.';

/** Faults of the days that the range needs, by field. */
export function dayFaults({ range, session, from, to }: Wanted): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  if (range === 'session' && !isDay(session)) faults['session'] = DAY_NEEDED;
  if ((range === 'days' || range === 'now') && !isDay(from)) faults['from'] = DAY_NEEDED;
  if (range === 'days' && !isDay(to)) faults['to'] = DAY_NEEDED;
  if (range === 'days' && isDay(from) && isDay(to) && to < from) faults['to'] = 'Choose the first day or a later one.';
  return faults;
}

/** The body of the request: only what the range needs. */
export function requestOf({ format, range, session, from, to }: Wanted): components['schemas']['ExportInput'] {
  if (range === 'session') return { format, session };
  if (range === 'days') return { format, from, to };
  return range === 'now' ? { format, from, to: 'now' } : { format };
}
