import type { NewEvent, StreamName } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Journal } from '../../ports/journal.js';
import type { OutageSpool, SpooledBatch } from '../../ports/outage-spool.js';
import { isRevisionConflict, limitConflicts } from './revisioned-appender.js';

type Target = Pick<Journal, 'append' | 'readStream'>;

/** Events of a stream that are read at once. */
const PAGE = 500;

/** Brings everything that was kept into the journal, in order; resolves to the number of events. Repeated, it adds nothing. */
export async function bringBackAll(journal: Target, spool: OutageSpool): Promise<number> {
  let events = 0;
  for (const batch of spool.batches) {
    await bringBack(journal, batch);
    events += batch.events.length;
  }
  return events;
}

/**
 * Brings one batch into the journal with the ids that its events have. Others may have written to the stream meanwhile, and a
 * part of the batch may be there from an attempt without an answer: what is missing follows the end. True when the events
 * are where they were meant to be.
 */
export async function bringBack(journal: Target, { stream, events, expectedRevision }: SpooledBatch): Promise<boolean> {
  try {
    const { revision } = await journal.append(stream, events, { expectedRevision });
    return revision === (expectedRevision === 'noStream' ? -1 : expectedRevision) + events.length;
  } catch (error) {
    if (!isRevisionConflict(error)) throw error;
  }
  await addMissing(journal, stream, events);
  return false;
}

async function addMissing(journal: Target, stream: StreamName, events: readonly NewEvent[]): Promise<void> {
  for (let conflicts = 0; ; conflicts += 1) {
    limitConflicts(stream, conflicts);
    const { ids, end } = await contentOf(journal, stream);
    const missing = events.filter(({ id }) => !ids.has(id));
    if (missing.length === 0) return;
    try {
      await journal.append(stream, missing, { expectedRevision: end ?? 'noStream' });
      return;
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'WRONG_EXPECTED_REVISION') throw error;
    }
  }
}

async function contentOf(
  journal: Target,
  stream: StreamName,
): Promise<{ readonly ids: ReadonlySet<string>; readonly end: number | undefined }> {
  const ids = new Set<string>();
  let end: number | undefined;
  for (;;) {
    const page = await journal.readStream(stream, { from: end === undefined ? 0 : end + 1, limit: PAGE });
    for (const { id, revision } of page) {
      ids.add(id);
      end = revision;
    }
    if (page.length < PAGE) return { ids, end };
  }
}
