import type { ReactElement } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import { useBriefing } from '../api/status.js';
import { shortPosition } from '../lib/format.js';
import { useSetParams } from '../lib/url.js';
import { Age } from '../parts/time.js';
import { frame } from './messages.js';

const SEAL_POLL_MS = 30_000;

/** The newest seal of the journal: null before the first, undefined while it is read. */
function useLastSeal() {
  const { data } = useApi(
    ['last-seal'],
    (signal) => api.GET('/api/journal/events', { signal, params: { query: { type: 'JournalSealed', limit: 1 } } }),
    { live: ['SessionClosed'], pollMs: SEAL_POLL_MS },
  );
  if (data === undefined) return undefined;
  const seal = data.items[0];
  return seal === undefined
    ? null
    : { eventId: seal.id, ...(seal.data as { readonly position: string; readonly sealedAt: string }) };
}

/** How far the journal is sealed, and since when; a click explains the seal. */
export function JournalChip(): ReactElement | null {
  const seal = useLastSeal();
  const { data: now } = useBriefing();
  const setParams = useSetParams();
  if (seal === undefined) return null;
  const clock = now?.clock as { readonly utc: string } | null | undefined;
  if (seal === null) {
    return (
      <span className="chip">
        <span className="chip-name">{frame.journal}</span> {frame.neverSealed}
      </span>
    );
  }
  return (
    <button
      type="button"
      className="chip chip-link"
      title={frame.sealedTo(seal.position)}
      onClick={() => setParams({ explain: seal.eventId }, { replace: false })}
    >
      <span className="chip-name">{frame.journal}</span> <span className="num">{shortPosition(seal.position)}</span>,{' '}
      <Age at={seal.sealedAt} now={clock?.utc ?? null} />
    </button>
  );
}
