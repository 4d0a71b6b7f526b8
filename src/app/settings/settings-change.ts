import { DEFAULT_COA } from '../../domain/accounting/coa.js';
import { DEFAULT_MAPPING } from '../../domain/accounting/mapping.js';
import { HIDDEN } from '../../domain/config/settings.js';
import type { EventData } from '../../events/event.js';
import type { Draft } from '../engine/action.js';

type Descriptions = Readonly<Record<string, string | undefined>>;

/** Members of ConfigChanged: what differs between two descriptions of settings; of a secret its name only. */
export function settingsChanges(before: Descriptions, now: Descriptions): EventData<'ConfigChanged'>['changes'] {
  return Object.keys(now)
    .sort()
    .filter((key) => before[key] !== now[key] && (now[key] !== HIDDEN || before[key] !== ''))
    .map((key) =>
      now[key] === HIDDEN
        ? { key, from: null, to: null, secret: true }
        : { key, from: before[key] ?? null, to: now[key] ?? null, secret: false },
    );
}

/** The chart of accounts that a new home begins with, and what is booked where. */
export const FIRST_CHART: Draft<'CoaChanged'> = {
  type: 'CoaChanged',
  data: { ...DEFAULT_COA, reason: 'default chart' },
  correlationId: 'coa',
  causationId: null,
};

export const FIRST_MAPPING: Draft<'CoaMappingChanged'> = {
  type: 'CoaMappingChanged',
  data: { ...DEFAULT_MAPPING, reason: 'default mapping' },
  correlationId: 'coa',
  causationId: null,
};
