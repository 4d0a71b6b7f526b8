import { convertToCommandError } from '@eventstore/db-client';
import type { Trouble } from '../../domain/journal-check/troubles.js';
import type { ConnectionUrl } from './connection-url.js';

/** Thrown by our own timers when a call gets no answer. */
export class NoAnswerError extends Error {}

/** An error of the client as it names it: the kind of the server's trailer, else the status of the call. */
export interface NamedError {
  readonly type?: unknown;
  readonly code?: unknown;
}

/** The client throws another error when a trailer lacks what it expects; status and kind are read from the first one then. */
export function namedError(error: unknown): NamedError {
  if (!(error instanceof Error)) return typeof error === 'object' && error !== null ? error : {};
  try {
    return convertToCommandError(error) as NamedError;
  } catch {
    const { code, metadata } = error as { readonly code?: unknown; readonly metadata?: { getMap?: () => object } };
    return { code, type: (metadata?.getMap?.() as { readonly exception?: unknown } | undefined)?.exception };
  }
}

/** Status codes of gRPC. */
const CODE = { cancelled: 1, deadline: 4, denied: 7, aborted: 10, unimplemented: 12, unauthenticated: 16 } as const;

/** Words by which transport, TLS and servers report what is wrong: their status codes do not separate these. */
const BY_WORDS: readonly (readonly [RegExp, Trouble])[] = [
  [/no space left|not enough space|insufficient (disk|space)|disk (is )?full|ENOSPC/i, 'diskFull'],
  [/certificate has expired|CERT_HAS_EXPIRED/i, 'expired'],
  [/certificate is not yet valid|CERT_NOT_YET_VALID/i, 'notYetValid'],
  [/does not match certificate|ALTNAME_INVALID/i, 'otherHost'],
  [/self.signed certificate|unable to (verify|get).*certificate|UNABLE_TO_|SELF_SIGNED/i, 'unknownAuthority'],
  [/wrong version number|packet length too long|ERR_SSL_(WRONG_VERSION|PACKET_LENGTH)/i, 'plain'],
  [/no leader|Failed to discover/i, 'noLeader'],
  [/not ready|too busy|is starting/i, 'starting'],
  [/Name resolution failed|ENOTFOUND|EAI_AGAIN/i, 'unresolved'],
  [/ECONNREFUSED/i, 'refused'],
  [/EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL/i, 'unreachable'],
  [/ETIMEDOUT|no answer within|Cancelled on client/i, 'silent'],
  [/message larger than max|message parsing error|Received HTTP status code (2|3|404)/i, 'otherProduct'],
  [/ssl|tls|certificate/i, 'badCertificate'],
  [
    /Received HTTP status code|Unexpected content-type|Protocol error|Parse Error|ECONNRESET|socket hang up/i,
    'unreachable',
  ],
];

/** What an error of the client means for a person. */
export function troubleOf(error: unknown): Trouble {
  const { type, code } = namedError(error);
  const text = messageOf(error);
  if (code === CODE.unauthenticated) return 'login';
  if (type === 'access-denied' || code === CODE.denied) return 'denied';
  if (code === CODE.unimplemented) return 'otherProduct';
  const byWords = BY_WORDS.find(([words]) => words.test(text))?.[1];
  if (byWords !== undefined) return byWords;
  if (type === 'not-leader') return 'noLeader';
  if (error instanceof NoAnswerError || code === CODE.deadline || code === CODE.cancelled) return 'silent';
  if (code === CODE.aborted) return 'writeSilent';
  if (isRefusal(type)) return 'refusedCall';
  return code === undefined ? 'unexpected' : 'unreachable';
}

const REFUSALS: readonly unknown[] = [
  'invalid-argument',
  'invalid-transaction',
  'maximum-append-size-exceeded',
  'missing-required-metadata-property',
  'stream-deleted',
  'unsupported',
  'wrong-expected-version',
];

const isRefusal = (type: unknown): boolean =>
  REFUSALS.includes(type) || (typeof type === 'string' && /^(persistent|maximum-sub|scavenge|user)-?/.test(type));

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message, details } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly message?: unknown;
    readonly details?: unknown;
  };
  return [message, details].find((text): text is string => typeof text === 'string' && text !== '') ?? '';
}

const REASON_LIMIT = 200;

/** The client's message on one line, without any secret of the URL. */
export function reasonOf(error: unknown, connection: Pick<ConnectionUrl, 'secrets'>): string {
  const clean = connection.secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), messageOf(error));
  return clean === '' ? 'no reason given' : clean.replaceAll(/\s+/g, ' ').slice(0, REASON_LIMIT);
}
