import type { EventType, NewEvent, StreamName } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { Journal } from '../../ports/journal.js';
import type { OutageSpool, SpooledBatch } from '../../ports/outage-spool.js';
import { isRevisionConflict, limitConflicts } from './revisioned-appender.js';

type Target = Pick<Journal, 'append' | 'readStream'>;

/** Events of a stream that are read at once. */
const PAGE = 500;

/** What a broker reports once, and the end of a position, by what names it: another owner of the bot may have recorded the same. */
const NAMED_BY: Partial<Record<EventType, string>> = {
  OrderFilled: 'executionId',
  BrokerActivityImported: 'activityId',
  PositionOpened: 'positionId',
  PositionClosed: 'positionId',
};

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
 * are where they were meant to be. A fact that others recorded meanwhile is not recorded again (P2).
 */
export async function bringBack(journal: Target, { stream, events, expectedRevision }: SpooledBatch): Promise<boolean> {
  try {
    const { revision } = await journal.append(stream, events, { expectedRevision });
    return revision === (expectedRevision === 'noStream' ? -1 : expectedRevision) + events.length;
  } catch (error) {
    if (!isRevisionConflict(error)) throw error;
  }
  await addMissing(journal, { stream, events, expectedRevision });
  return false;
}

async function addMissing(journal: Target, { stream, events, expectedRevision }: SpooledBatch): Promise<void> {
  const after = expectedRevision === 'noStream' ? -1 : expectedRevision;
  for (let conflicts = 0; ; conflicts += 1) {
    limitConflicts(stream, conflicts);
    const { ids, facts, end } = await contentOf(journal, stream, after);
    const missing = events.filter((event) => !ids.has(event.id) && !facts.has(factOf(event) ?? ''));
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
  after: number,
): Promise<{
  readonly ids: ReadonlySet<string>;
  readonly facts: ReadonlySet<string>;
  readonly end: number | undefined;
}> {
  const ids = new Set<string>();
  const facts = new Set<string>();
  let end: number | undefined;
  for (;;) {
    const page = await journal.readStream(stream, { from: end === undefined ? 0 : end + 1, limit: PAGE });
    for (const event of page) {
      const fact = factOf(event);
      ids.add(event.id);
      if (fact !== undefined && event.revision > after) facts.add(fact);
      end = event.revision;
    }
    if (page.length < PAGE) return { ids, facts, end };
  }
}

function factOf({ type, data }: Pick<NewEvent, 'type' | 'data'>): string | undefined {
  const name = NAMED_BY[type];
  const fields: Readonly<Record<string, unknown>> = { ...data };
  const value = name === undefined ? undefined : fields[name];
  return typeof value === 'string' ? `${type} ${value}` : undefined;
}
