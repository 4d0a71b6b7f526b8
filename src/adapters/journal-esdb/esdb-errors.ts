import { convertToCommandError } from '@eventstore/db-client';
import type { StreamName } from '../../events/event.js';
import { TradeBotError, journalError } from '../../kernel/errors.js';
import type { ConnectionUrl } from './connection-url.js';

/** What an error of the client means for the caller. */
export type Failure = 'transient' | 'wrong-revision' | 'denied' | 'deleted' | 'too-large' | 'refused';

/** Thrown by our own timers when a call gets no answer. */
export class NoAnswerError extends Error {}

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
  const named: unknown = error instanceof Error ? convertToCommandError(error) : error;
  const { type, code } = named as { readonly type?: unknown; readonly code?: unknown };
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

const REASON_LIMIT = 200;

/** The client's message, without any secret of the URL. */
function reasonOf(error: unknown, connection: ConnectionUrl): string {
  const text = error instanceof Error ? error.message : String(error);
  const clean = connection.secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  return clean === '' ? 'no reason given' : clean.slice(0, REASON_LIMIT);
}

/** The typed error for a call that failed permanently. */
export function journalErrorOf(error: unknown, connection: ConnectionUrl, doing: string): TradeBotError {
  if (error instanceof TradeBotError) return error;
  const reason = reasonOf(error, connection);
  switch (failureOf(error)) {
    case 'denied':
      return journalError('refuse', {
        code: 'JOURNAL_ACCESS_DENIED',
        message: `EventStoreDB at ${connection.shown} denied ${doing}: ${reason}`,
        remedy:
          'Check user and password of JOURNAL_URL, and that this user may read $all and write its streams; with tls=false no password is sent.',
      });
    case 'deleted':
      return streamDeleted(doing);
    case 'transient':
      return journalError('retry', {
        code: 'JOURNAL_UNREACHABLE',
        message: `EventStoreDB at ${connection.shown} did not answer ${doing}: ${reason}`,
        remedy: 'Check that the server runs and that address, port and tls of JOURNAL_URL match it; then try again.',
      });
    default:
      return journalError('stop', {
        code: 'JOURNAL_REFUSED',
        message: `EventStoreDB at ${connection.shown} refused ${doing}: ${reason}`,
        remedy: 'The server has another version or configuration than this program expects; nothing was written.',
      });
  }
}

export function streamDeleted(what: string): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `a stream of this bot was deleted or cut on the server (${what})`,
    remedy: 'Nothing in TradeBot deletes events. Find out who deleted them, and restore the database from a backup.',
  });
}

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
