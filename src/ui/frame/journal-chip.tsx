import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import { useBriefing } from '../api/status.js';
import { grouped, groupedIfNumber, shortPosition } from '../lib/format.js';
import { useAsOf } from '../lib/url.js';
import { Age } from '../parts/time.js';
import { frame } from './messages.js';
import { verifiedUpTo } from './verified.js';

/** Events come between two seals; a few seconds late is soon enough for their number. */
const POLL_MS = 5_000;

/** How long the journal is, how far it is verified, and its newest seal. */
export function useJournalState() {
  return useApi(['journal-state'], (signal) => api.GET('/api/journal/state', { signal }), {
    ...{ live: ['SessionClosed', 'JournalSealed'], pollMs: POLL_MS },
  });
}

/** How far what is looked at is verified, how many events came since, and the age of its last seal; a click opens the event of the seal. */
export function JournalChip(): ReactElement | null {
  const { data } = useJournalState();
  const { data: now } = useBriefing();
  const asof = useAsOf();
  if (data === undefined) return null;
  const { head, seal } = data;
  const verified = verifiedUpTo(data, asof);
  const since = verified?.since ?? null;
  const clock = now?.clock as { readonly utc: string } | null | undefined;
  const inside = (
    <>
      {verified === null ? (
        frame.notVerified
      ) : (
        <>
          <span className="chip-name">{frame.verified}</span>{' '}
          <span className="num">{positionText(verified.position)}</span>
        </>
      )}
      <span className="from-tablet">
        <span className="chip-name">, {seal === null ? frame.neverSealed : `${frame.sealed} `}</span>
        {seal === null ? null : (
          <>
            <Age at={seal.at} now={clock?.utc ?? null} /> <span className="chip-name">{frame.ago}</span>
          </>
        )}
      </span>
      {since === null ? null : (
        // last, so that a count that grows moves nothing
        <span className="from-tablet from-wide">
          <span className="chip-name">,</span> <span className="num">{grouped(String(since))}</span>{' '}
          <span className="chip-name">{frame.since}</span>
        </span>
      )}
    </>
  );
  const title = frame.journalWhy(positionText(head ?? '0'), asof === null ? null : positionText(asof));
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

/** A position that is a number, as one; another as it is. */
function positionText(position: string): string {
  return groupedIfNumber(shortPosition(position));
}
