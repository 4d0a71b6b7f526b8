import { parseStreamName, type Actor, type StreamName } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { dataError, journalError } from '../../kernel/errors.js';
import type { Journal, StreamFinding, StreamsHealth } from '../../ports/journal.js';
import type { EventAppender } from '../journal/event-appender.js';

/** A stream that somebody decided about, and why. */
export interface StreamDecision {
  readonly stream: string;
  readonly reason: string;
  /** Of the foreign events that the person has seen; left out: those that are there. */
  readonly sha256?: string;
}

type Appender = Pick<EventAppender, 'append'>;

/** The streams of the journal that others reach. Throws DataError `JOURNAL_NOT_SHARED` for a journal in a file. */
export function sharedStreams(journal: Pick<Journal, 'streamsHealth'>): StreamsHealth {
  if (journal.streamsHealth !== undefined) return journal.streamsHealth;
  throw dataError({
    code: 'JOURNAL_NOT_SHARED',
    message: 'the journal is a file of the home: no other program writes to its streams',
    remedy: 'Verify the file with tradebot verify.',
  });
}

/**
 * Acknowledges the foreign events at the end of one of our streams: the acknowledgement becomes the next event of that
 * stream, and the chain continues around them. Throws JournalError `NOTHING_TO_ACKNOWLEDGE`, `FOREIGN_EVENTS_CHANGED` (refuse), `JOURNAL_NOT_SHARED`,
 * and what the journal throws; when more came meanwhile, it is refused and can be repeated.
 */
export async function acknowledgeForeign(
  parts: { readonly journal: Journal; readonly appender: Appender },
  { stream: name, reason, sha256: seen }: StreamDecision,
  actor: Actor,
): Promise<StreamFinding> {
  const stream = parseStreamName(name);
  const found = await sharedStreams(parts.journal).blocked(stream);
  if (found?.sha256 === undefined || found.from === undefined || typeof found.to !== 'number') {
    throw journalError('refuse', {
      code: 'NOTHING_TO_ACKNOWLEDGE',
      message: `stream ${stream} has no events of another program at its end`,
      remedy: 'See what there is with tradebot journal streams.',
    });
  }
  if (seen !== undefined && seen !== found.sha256) {
    throw journalError('refuse', {
      code: 'FOREIGN_EVENTS_CHANGED',
      message: `stream ${stream} has other foreign events at its end than those that were shown: ${found.message}`,
      remedy: 'Look at them again, then acknowledge them.',
    });
  }
  const { from: fromRevision, to: toRevision, sha256 } = found;
  const data = { fromRevision, toRevision, sha256, reason };
  await parts.appender.append(
    stream,
    [{ type: 'ForeignEventsAcknowledged', data, correlationId: STREAMS.streams, causationId: null }],
    actor,
  );
  return found;
}

/**
 * Shows the hidden events of a stream again by writing its settings without what hides them, and records it. Undefined
 * when nothing hides them. Throws `JOURNAL_ACCESS_DENIED`, `JOURNAL_NOT_SHARED`, and what the journal throws.
 */
export async function restoreSettings(
  parts: { readonly journal: Journal; readonly appender: Appender },
  { stream: name, reason }: StreamDecision,
  actor: Actor,
): Promise<StreamFinding | undefined> {
  const stream: StreamName = parseStreamName(name);
  const undone = await sharedStreams(parts.journal).undo(stream);
  if (undone === undefined) return undefined;
  const data = { stream, was: undone.message, setAt: undone.at ?? null, reason };
  await parts.appender.append(
    STREAMS.streams,
    [{ type: 'StreamSettingsRestored', data, correlationId: STREAMS.streams, causationId: null }],
    actor,
  );
  return undone;
}
