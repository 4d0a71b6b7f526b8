import type { StreamName } from '../../events/event.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import type { ExpectedRevision } from '../../ports/journal.js';

/** `actual` is null for an absent stream. */
export function wrongRevision(stream: StreamName, expected: ExpectedRevision, actual: number | null): TradeBotError {
  const now = actual === null ? 'it does not exist' : `it is at revision ${actual}`;
  return journalError('refuse', {
    code: 'WRONG_EXPECTED_REVISION',
    message: `stream ${stream} was expected at ${expected}, but ${now}`,
    remedy: 'Read the stream again and decide again.',
    details: { stream, expected, actual },
  });
}

export function idConflict(stream: StreamName, id: string, what: string): TradeBotError {
  return journalError('refuse', {
    code: 'EVENT_ID_CONFLICT',
    message: `event ${id} in stream ${stream} ${what}`,
    remedy: 'Give a different event a different id, and repeat a batch only unchanged.',
    details: { stream, id },
  });
}

export function emptyBatch(stream: StreamName): TradeBotError {
  return journalError('refuse', {
    code: 'EMPTY_BATCH',
    message: `an append to stream ${stream} has no events`,
    remedy: 'Append at least one event.',
    details: { stream },
  });
}

export function journalClosed(): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_CLOSED',
    message: 'the journal was closed',
    remedy: 'Open the journal again before using it.',
  });
}

export function journalBusy(message: string): TradeBotError {
  return journalError('retry', {
    code: 'JOURNAL_BUSY',
    message,
    remedy: 'Try again shortly; if the error persists, look for a process that holds the journal file.',
  });
}
