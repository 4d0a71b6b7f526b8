import type { NewEvent, RecordedEvent, StreamName } from '../../events/event.js';
import type { AppendResult, ExpectedRevision } from '../../ports/journal.js';
import { decodeEvent, encodeEvent, sameEvent, type EncodedEvent, type StoredEvent } from '../event-codec/codec.js';
import { emptyBatch, idConflict } from './errors.js';

/** `actual` is the revision of the last event, null for an absent stream. */
export function revisionFits(expected: ExpectedRevision, actual: number | null): boolean {
  switch (expected) {
    case 'any':
      return true;
    case 'noStream':
      return actual === null;
    case 'streamExists':
      return actual !== null;
    default:
      return expected === actual;
  }
}

/** Checks and encodes a batch; one invalid event rejects the whole batch. */
export function encodeBatch(stream: StreamName, events: readonly NewEvent[]): readonly EncodedEvent[] {
  if (events.length === 0) throw emptyBatch(stream);
  return events.map((event) => encodeEvent(stream, event));
}

export interface FoundEvent extends StoredEvent {
  readonly revision: number;
}

/**
 * JRN-2 for a batch: undefined when the stream has none of its ids, the first recordings when it has all with the same
 * bytes, `EVENT_ID_CONFLICT` otherwise.
 */
export function findBatch(
  stream: StreamName,
  batch: readonly EncodedEvent[],
  lookUp: (id: string) => FoundEvent | undefined,
): readonly FoundEvent[] | undefined {
  const seen = new Set<string>();
  const found: FoundEvent[] = [];
  let absent: string | undefined;
  for (const encoded of batch) {
    const { id } = encoded.event;
    if (seen.has(id)) throw idConflict(stream, id, 'occurs twice in one batch');
    seen.add(id);
    const stored = lookUp(id);
    if (stored === undefined) absent ??= id;
    else if (!sameEvent(encoded, stored.body)) throw idConflict(stream, id, 'is already recorded with different bytes');
    else found.push(stored);
  }
  if (found.length === 0) return undefined;
  if (absent !== undefined)
    throw idConflict(stream, absent, 'is new in a batch of which other events are already recorded');
  return found;
}

/** The result of an append whose positions are known. Its events are decoded from the stored text on demand. */
export class Appended implements AppendResult {
  readonly revision: number;
  readonly alreadyThere: boolean;
  readonly #stored: readonly StoredEvent[];
  #events: readonly RecordedEvent[] | undefined;

  constructor(stored: readonly StoredEvent[], revision: number, alreadyThere: boolean) {
    if (stored.length === 0) throw emptyBatch('-' as StreamName);
    this.#stored = stored;
    this.revision = revision;
    this.alreadyThere = alreadyThere;
  }

  get events(): readonly RecordedEvent[] {
    this.#events ??= this.#stored.map((stored) => decodeEvent(stored));
    return this.#events;
  }

  recorded(): Promise<readonly RecordedEvent[]> {
    return Promise.resolve(this.events);
  }
}

/** The result for a batch that was already recorded, at its original positions. */
export function alreadyAppended(found: readonly FoundEvent[]): AppendResult {
  return new Appended(found, found.at(-1)?.revision ?? 0, true);
}
