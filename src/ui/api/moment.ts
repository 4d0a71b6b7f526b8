import { useAsOf } from '../lib/url.js';
import { api } from './client.js';
import { useApi } from './query.js';

/** The moment that the address names, and whether the journal has it. */
export interface Moment {
  /** Null at the head. */
  readonly asof: string | null;
  /** What was named instead of a position: no number, or one beyond the end of the journal. Null when it is one, or not known yet. */
  readonly none: 'no position' | 'not yet' | null;
}

const POSITION = /^[0-9/]{1,60}$/;

/** The moment of the address, asked of the journal when it is not the head. */
export function useMoment(): Moment {
  const asof = useAsOf();
  const isPosition = asof !== null && POSITION.test(asof);
  const found = useApi(
    ['moment', asof],
    (signal) =>
      api.GET('/api/journal/events', { signal, params: { query: { limit: 1, ...(asof === null ? {} : { asof }) } } }),
    { enabled: isPosition },
  );
  if (asof === null) return { asof, none: null };
  if (!isPosition) return { asof, none: 'no position' };
  return { asof, none: found.error?.status === 422 ? 'not yet' : null };
}
