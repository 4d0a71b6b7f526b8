import { parseUtcText } from '../../kernel/time.js';
import type { CrashNotes } from '../../ports/crash-notes.js';
import { STREAMS } from '../../events/streams.js';
import type { EventAppender } from '../journal/event-appender.js';
import { errorRecorded } from '../../events/error-recorded.js';

/**
 * Journals the crash notes of earlier processes, once each (RUN-41): a note has an id of its own, so a crash between
 * the event and the removal of the note records it only once. Returns the number of notes.
 */
export async function journalCrashes(appender: Pick<EventAppender, 'append'>, notes: CrashNotes): Promise<number> {
  const found = notes.find();
  for (const { at, process, errorType, errorCode, message, traceback } of found) {
    const stack = { traceback: traceback === '' ? null : traceback };
    await appender.append(STREAMS.errors, [
      errorRecorded(
        { errorType, errorCode, message, context: { process }, ...stack },
        {
          occurredAt: parseUtcText(at),
          naturalKey: ['crash-note', process, at, errorCode, message],
          correlationId: 'crash',
          causationId: null,
        },
      ),
    ]);
  }
  if (found.length > 0) notes.drop();
  return found.length;
}
