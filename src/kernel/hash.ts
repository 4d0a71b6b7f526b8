// pure-ok: SHA is a pure function of its input; node's implementation is used because it is native
import { hash } from 'node:crypto';
import type { Brand } from './brand.js';
import type { EpochMs } from './time.js';

/** 64 lower-case hex digits. */
export type Sha256Hex = Brand<string, 'Sha256Hex'>;
/** RFC 9562 text form. */
export type Uuid = Brand<string, 'Uuid'>;

export function sha256Hex(text: string | Uint8Array): Sha256Hex {
  return hash('sha256', text, 'hex') as Sha256Hex;
}

/** Our namespace for version 5 ids: uuid5(DNS, "tradebot.invalid"), fixed for ever. */
const NAMESPACE_HEX = uuid5Hex(Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'), 'tradebot.invalid');
const NAMESPACE = Buffer.from(NAMESPACE_HEX, 'hex');

function uuid5Hex(namespace: Uint8Array, name: string): string {
  const hex = hash('sha1', Buffer.concat([namespace, Buffer.from(name, 'utf8')]), 'hex');
  const variant = ((parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 12)}5${hex.slice(13, 16)}${variant}${hex.slice(18, 32)}`;
}

function dashed(hex: string): Uuid {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}` as Uuid;
}

/**
 * UUIDv5 over a natural key: what the world told us is named by its facts, so that a stream, an import and a restart
 * name the same fact the same (JRN-10). The parts are joined unambiguously.
 */
export function factId(...parts: readonly string[]): Uuid {
  return dashed(uuid5Hex(NAMESPACE, JSON.stringify(parts)));
}

/**
 * UUIDv7 for what the bot did: 48 bits of time, then bits drawn from the SHA-256 of what it is about (bot, stream,
 * revision). Made from facts rather than from a random source, so a step that is run again after a crash names the
 * same event the same, and two runs of one seed are equal.
 */
export function deedId(at: EpochMs, ...parts: readonly string[]): Uuid {
  const digest = sha256Hex(JSON.stringify(parts));
  const time = Math.trunc(at).toString(16).padStart(12, '0');
  const variant = ((parseInt(digest.slice(3, 5), 16) & 0x3f) | 0x80).toString(16);
  return dashed(`${time}7${digest.slice(0, 3)}${variant}${digest.slice(5, 19)}`);
}
