import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import { useBriefing } from '../api/status.js';
import { shortPosition } from '../lib/format.js';
import { Age } from '../parts/time.js';
import { frame } from './messages.js';

const POLL_MS = 30_000;

/** How long the journal is, how far it is verified, and its newest seal. */
export function useJournalState() {
  return useApi(['journal-state'], (signal) => api.GET('/api/journal/state', { signal }), {
    ...{ live: ['SessionClosed', 'JournalSealed'], pollMs: POLL_MS },
  });
}

/** How far the journal is verified, and the age of its last seal; a click opens the event of the seal. */
export function JournalChip(): ReactElement | null {
  const { data } = useJournalState();
  const { data: now } = useBriefing();
  if (data === undefined) return null;
  const { head, verified, seal } = data;
  const clock = now?.clock as { readonly utc: string } | null | undefined;
  const inside = (
    <>
      <span className="chip-name">{frame.verified}</span>{' '}
      <span className="num">{verified === null ? frame.notVerified : shortPosition(verified.position)}</span>
      <span className="from-tablet">
        <span className="chip-name">, {seal === null ? frame.neverSealed : frame.sealed}</span>{' '}
        {seal === null ? null : (
          <>
            <Age at={seal.at} now={clock?.utc ?? null} /> <span className="chip-name">{frame.ago}</span>
          </>
        )}
      </span>
    </>
  );
  const title = frame.journalWhy(shortPosition(head ?? '0'));
  if (seal === null) {
    return (
      <span className="chip" title={title}>
        {inside}
      </span>
    );
  }
  return (
    <Link className="chip chip-link" title={title} to="/events/$position" params={{ position: seal.event }} search={{}}>
      {inside}
    </Link>
  );
}
