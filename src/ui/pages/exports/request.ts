import type { components } from '../../generated/api.js';

/** The form of an export as it was filled in. */
export interface Wanted extends Record<string, unknown> {
  readonly format: components['schemas']['ExportInput']['format'];
  readonly range: 'last' | 'session' | 'days' | 'now';
  readonly session: string;
  readonly from: string;
  readonly to: string;
}

const DAY_NEEDED = 'Choose a day.';

/** Faults of the days that the range needs, by field. */
export function dayFaults({ range, session, from, to }: Wanted): Readonly<Record<string, string>> {
  const faults: Record<string, string> = {};
  if (range === 'session' && session === '') faults['session'] = DAY_NEEDED;
  if ((range === 'days' || range === 'now') && from === '') faults['from'] = DAY_NEEDED;
  if (range === 'days' && to === '') faults['to'] = DAY_NEEDED;
  if (range === 'days' && from !== '' && to !== '' && to < from) faults['to'] = 'Choose the first day or a later one.';
  return faults;
}

/** The body of the request: only what the range needs. */
export function requestOf({ format, range, session, from, to }: Wanted): components['schemas']['ExportInput'] {
  if (range === 'session') return { format, session };
  if (range === 'days') return { format, from, to };
  return range === 'now' ? { format, from, to: 'now' } : { format };
}
