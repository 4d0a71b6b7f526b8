import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { systemErrorCode } from '../../adapters/files/system-error.js';
import type { WebInit } from '../ipc/messages.js';
import { Connections, type ConnectionLimits } from './connections.js';

export interface Certificates {
  readonly cert: string;
  readonly key: string;
}

/** Slow senders are cut off: the whole head, then the whole body. */
const LIMITS: ConnectionLimits = { most: 2_048, mostOfSource: 512, headMs: 10_000, bodyMs: 20_000 };
const KEEP_ALIVE_MS = 5_000;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

export function addressOf(web: WebInit, port: number): string {
  const host = web.host.includes(':') ? `[${web.host}]` : web.host;
  return `${web.tls === null ? 'http' : 'https'}://${host}:${port}`;
}

/** SEC-16: passwords never cross a network in the clear unless somebody asked for just that. */
export function refusePlainRemote(web: WebInit): void {
  if (web.tls !== null || web.allowPlainRemote || isLoopback(web.host)) return;
  throw configError({
    code: 'PLAIN_REMOTE_REFUSED',
    message: `the web would listen on ${web.host} without TLS`,
    remedy: 'Give --tls-cert and --tls-key, or --allow-plain-remote where something else encrypts, or bind 127.0.0.1.',
  });
}

/** Certificate and key that fit each other. Throws ConfigError TLS_FILES_UNUSABLE with what is wrong, TLS_KEY_OPEN. */
export function certificates(tls: NonNullable<WebInit['tls']>): Certificates {
  const cert = read(tls.certFile);
  const key = read(tls.keyFile);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw unusable(`${tls.certFile} and ${tls.keyFile} are no certificate and its key`, cause);
  }
  refuseOpenKey(tls.keyFile);
  return { cert, key };
}

/** Of a key that is root's, a group may read: that is how a system hands it to its services. */
function refuseOpenKey(path: string): void {
  const { mode, uid } = statSync(path);
  const tooMuch = uid === 0 && process.getuid?.() !== 0 ? 0o037 : 0o077;
  if ((mode & tooMuch) === 0) return;
  throw configError({
    code: 'TLS_KEY_OPEN',
    message: `${path} is the private key of the pages, and other users of this machine can read or change it`,
    remedy: `Remove that permission: chmod go= ${path}; use another key if somebody may have read this one.`,
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unusable(`${path} cannot be read (${systemErrorCode(cause) ?? 'unknown'})`, cause);
  }
}

function unusable(message: string, cause: unknown): TradeBotError {
  return configError({
    code: 'TLS_FILES_UNUSABLE',
    message,
    remedy:
      'Give --tls-cert a PEM certificate (with its chain) and --tls-key its PEM private key without a passphrase.',
    cause,
  });
}

/** The port that it listens on. Throws ConfigError PORT_IN_USE, PORT_NOT_ALLOWED, ADDRESS_NOT_HERE. */
export async function listen(server: Server, web: WebInit): Promise<number> {
  server.headersTimeout = LIMITS.headMs;
  server.requestTimeout = LIMITS.headMs + LIMITS.bodyMs;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  new Connections(LIMITS).watch(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(notListening(web, error)));
    server.listen({ host: web.host, port: web.port }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function notListening(web: WebInit, cause: unknown): TradeBotError {
  const where = `${web.host}:${web.port}`;
  const facts = { ...reasonOf(systemErrorCode(cause) ?? '', where), cause };
  return configError(facts);
}

function reasonOf(code: string, where: string): { code: string; message: string; remedy: string } {
  switch (code) {
    case 'EADDRINUSE':
      return {
        code: 'PORT_IN_USE',
        message: `another program listens on ${where} already`,
        remedy: 'Give this bot another --port, or end the other program.',
      };
    case 'EACCES':
      return {
        code: 'PORT_NOT_ALLOWED',
        message: `this user may not listen on ${where}`,
        remedy: 'Use a --port of 1024 or above.',
      };
    default:
      return {
        code: 'ADDRESS_NOT_HERE',
        message: `the web cannot listen on ${where} (${code === '' ? 'unknown' : code})`,
        remedy: 'Give --host an address of this machine, such as 127.0.0.1.',
      };
  }
}

const LOOK_MS = 20;

/** Listens no more; requests that run may end within so many milliseconds. */
export async function closeGently(server: Server, withinMs: number): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  const timer = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  const end = setTimeout(() => server.closeAllConnections(), withinMs);
  server.closeIdleConnections();
  await done;
  clearInterval(timer);
  clearTimeout(end);
}
