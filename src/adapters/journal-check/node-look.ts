import { readFileSync } from 'node:fs';
import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { NodeFact } from '../../domain/journal-check/facts.js';
import type { Trouble } from '../../domain/journal-check/troubles.js';
import { RunningTimer } from '../clock/running-timer.js';

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

export interface NodeLookOptions {
  readonly tls: boolean;
  readonly caFile: string | undefined;
  /** How long each step may take. */
  readonly limitMs: number;
}

/** What came back for the bytes that were sent. */
type Reply = { readonly bytes: Buffer } | { readonly ended: 'closed' | 'silent' } | { readonly error: string };

type Seen = Pick<NodeFact, 'trouble' | 'detail'>;

/** The beginning of every HTTP/2 connection, with empty settings: an EventStoreDB server answers with its own settings. */
const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
/** The question of a PostgreSQL client whether the server has TLS; the answer is one letter. */
const POSTGRES = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const SETTINGS_FRAME = 4;
const MOST_BYTES = 4_096;
const TLS_RECORDS = [0x15, 0x16];

/** Looks what answers at one address, without user and password: network, TLS, protocol. Never throws. */
export async function lookAtNode(node: NodeAddress, options: NodeLookOptions): Promise<NodeFact> {
  const at = `${node.host}:${node.port}`;
  return { at, ...(options.tls ? await lookWithTls(node, options) : await lookWithoutTls(node, options)) };
}

async function lookWithoutTls(node: NodeAddress, options: NodeLookOptions): Promise<Seen> {
  const reply = await exchange(node, PREFACE, options.limitMs);
  if ('error' in reply) return networkTrouble(reply.error, options);
  if ('bytes' in reply && isHttp2(reply.bytes)) return {};
  if ('ended' in reply && reply.ended === 'silent') return silent(options);
  if ('bytes' in reply && isTls(reply.bytes)) return { trouble: 'encrypted' };
  if ('bytes' in reply && productOf(reply.bytes) !== undefined) return other(productOf(reply.bytes));
  const secured = await handshake(node, options);
  if ('certificate' in secured) return { trouble: 'encrypted' };
  return other(await productBehind(node, options));
}

async function lookWithTls(node: NodeAddress, options: NodeLookOptions): Promise<Seen> {
  const secured = await handshake(node, options);
  if ('certificate' in secured) return certificateTrouble(node, secured);
  if (secured.error in NETWORK) return networkTrouble(secured.error, options);
  if (secured.error === SILENT) return silent(options);
  const reply = await exchange(node, PREFACE, options.limitMs);
  if ('bytes' in reply && isHttp2(reply.bytes)) return { trouble: 'plain' };
  const product = 'bytes' in reply ? productOf(reply.bytes) : undefined;
  if (product !== undefined) return other(product);
  if ('bytes' in reply && isTls(reply.bytes)) return { trouble: 'badCertificate', detail: secured.error };
  return other(await productBehind(node, options));
}

const silent = ({ limitMs }: NodeLookOptions): Seen => ({ trouble: 'silent', detail: `within ${limitMs / 1_000} s` });

const other = (product = 'another program'): Seen => ({ trouble: 'otherProduct', detail: product });

const NETWORK: Readonly<Record<string, Trouble>> = {
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  EAI_FAIL: 'unresolved',
  EAI_NODATA: 'unresolved',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ETIMEDOUT: 'silent',
};

function networkTrouble(code: string, options: NodeLookOptions): Seen {
  const trouble = NETWORK[code] ?? 'unreachable';
  return trouble === 'silent' ? silent(options) : { trouble, detail: code };
}

function isHttp2(bytes: Buffer): boolean {
  return bytes.length >= 9 && bytes[3] === SETTINGS_FRAME && bytes.readUInt32BE(5) === 0;
}

function isTls(bytes: Buffer): boolean {
  return TLS_RECORDS.includes(bytes[0] ?? 0) && bytes[1] === 3;
}

/** A product that shows itself by its first words. */
function productOf(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  if (/^HTTP\/\d|^\s*<(!doctype|html)/i.test(text)) return 'a web server';
  if (text.startsWith('SSH-')) return 'an SSH server';
  if (/^(-ERR|-DENIED|\+OK)/.test(text)) return 'a Redis or mail server';
  if (/^220[ -]/.test(text)) return 'a mail or FTP server';
  if (/mysql|mariadb|caching_sha2/i.test(text)) return 'a MySQL server';
  return undefined;
}

/** A database that says nothing by itself is asked in its own language. */
async function productBehind(node: NodeAddress, { limitMs }: NodeLookOptions): Promise<string | undefined> {
  const reply = await exchange(node, POSTGRES, limitMs);
  if (!('bytes' in reply)) return undefined;
  const text = reply.bytes.toString('latin1');
  return /^[SN]$/.test(text) ? 'a PostgreSQL server' : productOf(reply.bytes);
}

/** Sends bytes over a connection of their own, and waits for the first answer. */
function exchange({ host, port }: NodeAddress, bytes: Buffer, limitMs: number): Promise<Reply> {
  return new Promise((resolve) => {
    const socket = connectSocket({ host, port });
    const got: Buffer[] = [];
    const end = (reply: Reply): void => {
      timer.cancel();
      socket.destroy();
      resolve(reply);
    };
    const timer = new RunningTimer(limitMs, () => end(replyOf(got, { ended: 'silent' })));
    socket.once('connect', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      got.push(chunk);
      const all = Buffer.concat(got);
      if (all.length >= 9 || all.length === 1 || all.length > MOST_BYTES) end({ bytes: all });
    });
    socket.once('end', () => end(replyOf(got, { ended: 'closed' })));
    socket.on('error', (error) => end(replyOf(got, brokenBy(codeOf(error)))));
  });
}

/** A connection that the other side ends is an answer: it does not speak this language. */
function brokenBy(code: string): Reply {
  return code in NETWORK ? { error: code } : { ended: 'closed' };
}

function replyOf(got: readonly Buffer[], without: Reply): Reply {
  return got.length > 0 ? { bytes: Buffer.concat(got) } : without;
}

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message;

const SILENT = 'silent';

type Secured =
  | { readonly certificate: PeerCertificate; readonly fault: string; readonly protocol: string | false | null }
  | { readonly error: string };

/** Nothing is sent after the handshake, so a certificate that is not accepted can be looked at. */
function handshake({ host, port }: NodeAddress, { caFile, limitMs }: NodeLookOptions): Promise<Secured> {
  return new Promise((resolve) => {
    const end = (secured: Secured): void => {
      timer.cancel();
      socket.destroy();
      resolve(secured);
    };
    const timer = new RunningTimer(limitMs, () => end({ error: SILENT }));
    const socket: TLSSocket = connectTls({
      host,
      port,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    });
    socket.once('secureConnect', () =>
      end({
        certificate: socket.getPeerCertificate(),
        fault: socket.authorized ? '' : String(socket.authorizationError),
        protocol: socket.alpnProtocol,
      }),
    );
    closedBefore(socket, end);
    socket.on('error', (error: Error) => end({ error: codeOf(error) }));
  });
}

function closedBefore(socket: Socket, end: (secured: Secured) => void): void {
  socket.once('close', () => end({ error: 'the connection was closed' }));
}

const FAULTS: Readonly<Record<string, Trouble>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'notYetValid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'otherHost',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknownAuthority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknownAuthority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknownAuthority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknownAuthority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknownAuthority',
  CERT_SIGNATURE_FAILURE: 'unknownAuthority',
};

function certificateTrouble(
  node: NodeAddress,
  { certificate, fault, protocol }: Extract<Secured, { readonly certificate: PeerCertificate }>,
): Seen {
  if (fault === '') return protocol === 'h2' ? {} : other('a server without HTTP/2');
  const trouble = FAULTS[fault] ?? 'badCertificate';
  switch (trouble) {
    case 'expired':
      return { trouble, detail: `it was valid until ${certificate.valid_to}` };
    case 'notYetValid':
      return { trouble, detail: `it is valid from ${certificate.valid_from}` };
    case 'otherHost':
      return { trouble, detail: `it is for ${namesOf(certificate)}, not for ${node.host}` };
    default:
      return { trouble, detail: fault };
  }
}

const MOST_NAMES = 200;

function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  const name = Array.isArray(subject.CN) ? subject.CN.join(', ') : subject.CN;
  return (subjectaltname ?? name ?? 'no name').replaceAll(/(DNS|IP Address):/g, '').slice(0, MOST_NAMES);
}
