// pure-ok: SHA is a pure function of its input; node's implementation is native
import { createHash, hash } from 'node:crypto';
import type { Brand } from './brand.js';
import type { EpochMs } from './time.js';

/** A SHA-256 digest as 64 lower-case hex digits. */
export type Sha256Hex = Brand<string, 'Sha256Hex'>;
/** A UUID in the text form of RFC 9562. */
export type Uuid = Brand<string, 'Uuid'>;

export function sha256Hex(text: string | Uint8Array): Sha256Hex {
  return hash('sha256', text, 'hex') as Sha256Hex;
}

/**
 * SHA-256 over lines, each with a line feed after it, as far as they were added: `hex` may be asked at any point. The
 * lines contain no line feed themselves, so no two sequences of lines have the same bytes.
 */
export class LinesDigest {
  readonly #sum = createHash('sha256');

  add(line: string): void {
    this.#sum.update(`${line}\n`);
  }

  hex(): Sha256Hex {
    return this.#sum.copy().digest('hex') as Sha256Hex;
  }
}

/** Our namespace for version 5 ids: uuid5(DNS, "tradebot.invalid"), fixed permanently. */
const NAMESPACE = Buffer.from(
  uuid5Hex(Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'), 'tradebot.invalid'),
  'hex',
);
const NAMESPACE_BYTES = 16;
/** The namespace with space for a name after it, so most ids need no new buffer. */
const NAMED = Buffer.concat([NAMESPACE], 512);

function uuid5Hex(namespace: Uint8Array, name: string): string {
  return uuid5Of(hash('sha1', Buffer.concat([namespace, Buffer.from(name, 'utf8')]), 'hex'));
}

function uuid5Of(hex: string): string {
  return `${hex.slice(0, 12)}5${hex.slice(13, 16)}${variantOf(hex, 16)}${hex.slice(17, 32)}`;
}

/** The digit that carries the variant of RFC 9562: its upper two bits are 10. */
function variantOf(hex: string, at: number): string {
  return '89ab'.charAt(parseInt(hex.charAt(at), 16) & 3);
}

function namedHex(name: string): string {
  // UTF-8 takes at most three bytes for a unit of the text.
  if (name.length * 3 > NAMED.length - NAMESPACE_BYTES) return uuid5Hex(NAMESPACE, name);
  const end = NAMESPACE_BYTES + NAMED.write(name, NAMESPACE_BYTES, 'utf8');
  return uuid5Of(hash('sha1', NAMED.subarray(0, end), 'hex'));
}

function dashed(hex: string): Uuid {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}` as Uuid;
}

/**
 * UUIDv5 of a natural key, for external events: a stream, an import and a restart give the same event the same id
 * (JRN-10). The parts are joined unambiguously.
 */
export function naturalKeyId(...parts: readonly string[]): Uuid {
  return dashed(namedHex(JSON.stringify(parts)));
}

/**
 * UUIDv7 for an event that the bot causes: 48 bits of time, then bits of the SHA-256 of bot, stream and revision.
 * Nothing is random: a step repeated after a crash gives the same id, and two runs of one seed are equal.
 */
export function commandEventId(at: EpochMs, ...parts: readonly string[]): Uuid {
  const digest = sha256Hex(JSON.stringify(parts));
  const time = Math.trunc(at).toString(16).padStart(12, '0');
  return dashed(`${time}7${digest.slice(0, 3)}${variantOf(digest, 3)}${digest.slice(4, 19)}`);
}
