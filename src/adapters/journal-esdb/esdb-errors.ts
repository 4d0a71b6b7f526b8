import { sentenceOf, type TroubleContext } from '../../domain/journal-check/troubles.js';
import type { StreamName } from '../../events/event.js';
import { TradeBotError, journalError } from '../../kernel/errors.js';
import type { ConnectionUrl } from './connection-url.js';
import { namedError, reasonOf, troubleOf } from './trouble-of.js';

/** What an error of the client means for the caller. */
export type Failure = 'transient' | 'wrong-revision' | 'denied' | 'deleted' | 'too-large' | 'refused';

/**
 * gRPC status codes after which repeating the call is useless: INVALID_ARGUMENT, FAILED_PRECONDITION, UNIMPLEMENTED.
 */
const REFUSED_CODES: readonly unknown[] = [3, 9, 12];
/** PERMISSION_DENIED, UNAUTHENTICATED. */
const DENIED_CODES: readonly unknown[] = [7, 16];

/**
 * Everything that is not clearly an answer counts as transient: a broken connection has many codes, and repeating a
 * read, or an append with the same bytes at the same revision, is safe.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof TradeBotError) return 'refused';
  const { type, code } = namedError(error);
  switch (type) {
    case 'wrong-expected-version':
      return 'wrong-revision';
    case 'access-denied':
      return 'denied';
    case 'stream-deleted':
      return 'deleted';
    case 'maximum-append-size-exceeded':
      return 'too-large';
    case 'invalid-argument':
    case 'missing-required-metadata-property':
    case 'unsupported':
      return 'refused';
    default:
      if (DENIED_CODES.includes(code)) return 'denied';
      return REFUSED_CODES.includes(code) ? 'refused' : 'transient';
  }
}

/** The typed error for a call that failed permanently: what is wrong with the server, with the remedy for that. */
export function journalErrorOf(error: unknown, connection: ConnectionUrl, doing: string): TradeBotError {
  if (error instanceof TradeBotError) return error;
  const failure = failureOf(error);
  if (failure === 'deleted') return streamDeleted(doing);
  const detail = reasonOf(error, connection);
  const { text, remedy } = sentenceOf(troubleOf(error), contextOf(connection, detail));
  const reason = text.includes(detail) ? '' : ` (${detail})`;
  const facts = { message: `EventStoreDB: ${text}; ${doing} failed${reason}`, remedy };
  switch (failure) {
    case 'denied':
      return journalError('refuse', { code: 'JOURNAL_ACCESS_DENIED', ...facts });
    case 'transient':
      return journalError('retry', { code: 'JOURNAL_UNREACHABLE', ...facts });
    default:
      return journalError('stop', { code: 'JOURNAL_REFUSED', ...facts });
  }
}

/** What the sentences say of a connection; the reason of the client stands for what it does not know better. */
function contextOf({ shown, credentials, tls, caFile }: ConnectionUrl, detail?: string): TroubleContext {
  return { at: shown, user: credentials?.username, tls, caFile, detail };
}

/** A stream that was ended for good: the server refuses every call for it. */
export function streamDeleted(doing: string): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_STREAM_DELETED',
    message: `a stream of this bot was deleted for good on the server (tombstone), and nothing can be appended to it any more: ${doing} failed`,
    remedy: DELETED_REMEDY,
  });
}

/** What can be done after a tombstone. */
export const DELETED_REMEDY =
  'Nothing on the server undoes it. Restore the journal from a backup under another identity (tradebot restore FILE), and find out who deleted the stream.';

/** The answer to an append was lost, and repeating it did not help. */
export function outcomeUnknown(
  stream: StreamName,
  error: unknown,
  connection: ConnectionUrl,
  attempts: number,
): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_STALLED',
    message: `an append to ${stream} got no answer from EventStoreDB at ${connection.shown} in ${attempts} attempts: ${reasonOf(error, connection)}`,
    remedy: 'It may or may not be recorded. Start again once the server answers; repeating the same append is safe.',
    details: { stream, attempts },
  });
}

export function batchTooLarge(stream: StreamName, what: string, actual: number, limit: number): TradeBotError {
  return journalError('refuse', {
    code: 'JOURNAL_BATCH_TOO_LARGE',
    message: `an append of ${actual} ${what} to ${stream} exceeds the EventStoreDB limit of ${limit} per append`,
    remedy: 'Append it in smaller batches; nothing was written.',
    details: { stream, actual, limit },
  });
}

export function unreadable(at: string, why: string): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `the event at ${at} is not in TradeBot's format: ${why}`,
    remedy: 'Run tradebot verify: another program wrote to a stream of this bot, or the database is damaged.',
  });
}
