import type { EventData } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { Journal } from '../../ports/journal.js';
import type { EventAppender } from '../journal/event-appender.js';

type Compared = EventData<'EvidenceCompared'>;

/** Files named in one event; the rest is counted. */
const MOST_NAMED = 20;
const ALL_FIT: Compared = { ok: true, files: 0, differences: [] };

/**
 * Records what differs between the evidence on disk and the journal when it is something else than the last time; that all
 * fits is no news without an earlier difference. Throws what the journal throws.
 */
export async function recordEvidence(
  {
    journal,
    appender,
  }: { readonly journal: Pick<Journal, 'readAll'>; readonly appender: Pick<EventAppender, 'append'> },
  differences: readonly string[],
): Promise<void> {
  const [last] = await journal.readAll({ direction: 'backwards', limit: 1, filter: { types: ['EvidenceCompared'] } });
  const before = last?.type === 'EvidenceCompared' ? last.data : ALL_FIT;
  const data: Compared = {
    ok: differences.length === 0,
    files: differences.length,
    differences: differences.slice(0, MOST_NAMED),
  };
  if (canonicalJson(before) === canonicalJson(data)) return;
  await appender.append(STREAMS.health, [
    { type: 'EvidenceCompared', data, correlationId: 'evidence', causationId: null },
  ]);
}
