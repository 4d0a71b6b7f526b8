import { describe, expect, test } from '@jest/globals';
import grpc from '@grpc/grpc-js';
import { ErrorType } from '@eventstore/db-client';
import { parseConnectionUrl } from '../../../src/adapters/journal-esdb/connection-url.js';
import { failureOf, journalErrorOf } from '../../../src/adapters/journal-esdb/esdb-errors.js';
import { NoAnswerError } from '../../../src/adapters/journal-esdb/trouble-of.js';
import { isJournalOutage, waitsForPerson } from '../../../src/ports/journal.js';

const CONNECTION = parseConnectionUrl('esdb://bot:hunter%402@db.example:2113?tls=true');
const PLAIN = parseConnectionUrl('esdb://bot:hunter%402@db.example:2113?tls=false');
const NOBODY = parseConnectionUrl('esdb://db.example:2113?tls=true');

const TRAILERS = {
  'stream-name': 'DEMO-float',
  'expected-version': '4',
  'actual-version': '9',
  'leader-endpoint-host': 'n2',
  'leader-endpoint-port': '2113',
  'maximum-append-size': '1048576',
  'required-metadata-properties': 'type,content-type',
  'scavenge-id': '7',
  'group-name': 'g',
  'login-name': 'bot',
  reason: 'none',
};

/** An error as the transport makes it: `14 UNAVAILABLE: details`. */
function called(code: number, details: string, exception?: string, trailers: object = TRAILERS): Error {
  const metadata = new grpc.Metadata();
  if (exception !== undefined) metadata.set('exception', exception);
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, String(value));
  return Object.assign(new Error(`${code} ${grpc.status[code] ?? ''}: ${details}`), { code, details, metadata });
}

const KINDS = Object.values(ErrorType);
const CODES = Object.values(grpc.status).filter(
  (code): code is number => typeof code === 'number' && ![grpc.status.OK].includes(code),
);

describe('every failure of the client', () => {
  const all: readonly (readonly [string, unknown])[] = [
    ...KINDS.map((kind) => [`the server's ${kind}`, called(grpc.status.UNKNOWN, `it says ${kind}`, kind)] as const),
    ...KINDS.map((kind) => [`${kind} without its trailers`, called(9, 'no trailers', kind, {})] as const),
    ...CODES.map((code) => [`status ${grpc.status[code] ?? code}`, called(code, 'hunter@2 and hunter%402')] as const),
    ['our own limit of time', new NoAnswerError('no answer within 10000 ms')],
    ['an error of the program', new TypeError('metadata.getMap is not a function')],
    ['a text', 'gone: hunter@2'],
    ['an object', { message: { of: 'objects' } }],
    ['nothing', undefined],
  ];

  test.each(all)('%s has one sentence, a remedy and what the caller must do', (_what, error) => {
    const reported = journalErrorOf(error, CONNECTION, 'a read of $all');
    expect(reported.code).toMatch(/^JOURNAL_[A-Z_]+$/);
    expect(reported.message).toMatch(/db\.example|of this bot/);
    expect(reported.remedy).toMatch(/^[A-Z].*\.$/);
    expect(['retry', 'refuse', 'stop']).toContain(reported.callerMust);
    expect(reported.line).not.toMatch(/hunter|\[object|undefined|9223372036854776000|\n/);
    expect(isJournalOutage(reported)).toBe(reported.callerMust === 'retry' || waitsForPerson(reported));
    expect(waitsForPerson(reported)).toBe(reported.code === 'JOURNAL_ACCESS_DENIED');
  });

  test('trailers that are missing change no failure', () => {
    for (const [kind, failure] of [
      ['wrong-expected-version', 'wrong-revision'],
      ['stream-deleted', 'deleted'],
      ['maximum-append-size-exceeded', 'too-large'],
      ['access-denied', 'denied'],
      ['not-leader', 'transient'],
    ]) {
      expect([kind, failureOf(called(grpc.status.UNKNOWN, '', kind, {}))]).toEqual([kind, failure]);
    }
  });
});

describe('what the transport reports is shown with its remedy', () => {
  const unavailable = (details: string) => called(14, `No connection established. Last error: ${details}`);
  test.each([
    ['a closed port', unavailable('connect ECONNREFUSED 10.0.0.9:2113'), /no program accepts connections/, /2113/],
    ['an unknown name', called(14, 'Name resolution failed for target dns:x'), /name of .* is not known/, /host name/],
    ['no route', unavailable('connect EHOSTUNREACH 10.0.0.9:2113'), /cannot be reached/, /network/],
    ['a server without TLS', unavailable('write EPROTO ssl3_get_record:wrong version number'), /without TLS/, /tls=f/],
    ['an authority that is unknown', unavailable('self-signed certificate'), /authority/, /tlsCAFile/],
    ['an intermediate one', unavailable('unable to get local issuer certificate'), /authority/, /tlsCAFile/],
    ['an old certificate', unavailable('certificate has expired'), /has expired/, /Renew/],
    ['a certificate of tomorrow', unavailable('certificate is not yet valid'), /not valid yet/, /clock/],
    [
      'one of another host',
      unavailable("Hostname/IP does not match certificate's altnames: Host: db.example. is not cert's CN"),
      /another host/,
      /host name of the certificate/,
    ],
    ['a full disk', called(2, 'There is not enough space on the disk.'), /disk of the server .* is full/, /Free space/],
    ['a node that starts', called(2, 'Could not recognize Server Is Not Ready'), /not ready yet/, /Wait a minute/],
    ['a cluster without a leader', new Error('Failed to discover after 10 attempts.'), /no leader/, /majority/],
    ['no commit in time', called(10, 'Commit phase timeout'), /no write/, /majority/],
    ['a frozen server', called(4, 'Deadline exceeded after 10.0s'), /no answer/, /frozen/],
    ['a web server', called(12, 'Received HTTP status code 404'), /not an EventStoreDB server/, /host and port/],
    ['a wrong password', called(16, 'Unauthenticated'), /does not accept the password of user bot/, /account/],
    ['a right that lacks', called(7, 'Access Denied', 'access-denied'), /denied access to user bot/, /administrator/],
  ])('%s', (_what, error, says, remedy) => {
    const reported = journalErrorOf(error, CONNECTION, 'a read of $all');
    expect(reported.message).toMatch(says);
    expect(reported.remedy).toMatch(remedy);
    expect(reported.message).toContain('a read of $all failed');
  });

  test('a denied access says that no password is sent without TLS, and asks for a user where none is given', () => {
    const denied = called(7, 'Access Denied', 'access-denied');
    expect(journalErrorOf(denied, PLAIN, 'an append').remedy).toContain('Without TLS no user and password are sent');
    expect(journalErrorOf(denied, NOBODY, 'an append').remedy).toContain('Give user and password');
  });
});
