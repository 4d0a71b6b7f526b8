import { DEFAULT_COA } from '../../domain/accounting/coa.js';
import { DEFAULT_MAPPING } from '../../domain/accounting/mapping.js';
import type { Draft } from '../../events/draft.js';

/** The initial chart of accounts of a home, and its mapping. */
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
