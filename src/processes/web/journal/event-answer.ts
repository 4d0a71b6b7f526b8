import { hasFrame } from '../../../app/web-queries/event-frames.js';
import type { RecordedEvent } from '../../../events/event.js';
import type { EventAnswer } from './journal.dto.js';

/** An event as the interface gives it, with the address of the message behind it. */
export function eventAnswer(event: RecordedEvent): EventAnswer {
  const { position, id, type, schemaVersion, stream, revision, occurredAt, recordedAt, meta, data, hash } = event;
  const frame = hasFrame(type) ? `/api/journal/events/${encodeURIComponent(id)}/frame` : null;
  return { position, id, type, schemaVersion, stream, revision, occurredAt, recordedAt, meta, data, hash, frame };
}
