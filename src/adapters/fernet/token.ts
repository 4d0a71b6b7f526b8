import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { TradeBotError } from '../../kernel/errors.js';
import { decodeBase64Url, encodeBase64Url } from './base64url.js';
import type { FernetKey } from './key.js';

/** Bytes of a token: version, time, IV, ciphertext of whole blocks, HMAC over all before it. */
const VERSION = 0x80;
const TIME_AT = 1;
const IV_AT = 9;
const CIPHERTEXT_AT = 25;
const MAC_BYTES = 32;
const BLOCK = 16;
const LEAST_BYTES = CIPHERTEXT_AT + BLOCK + MAC_BYTES;
const CIPHER = 'aes-128-cbc';

/** Seconds of clock skew before a token counts as one from the future. */
const MAX_SKEW_S = 60n;

export interface OpenedToken {
  readonly message: Buffer;
  /** Seconds since 1970. */
  readonly madeAt: bigint;
}

/** Times in seconds since 1970. */
export interface Lifetime {
  readonly ttl: bigint;
  readonly now: bigint;
}

/** The one error of every invalid token: it does not reveal which check failed. */
export function invalidToken(): TradeBotError {
  return new TradeBotError('ConfigError', 'refuse', {
    code: 'FERNET_INVALID_TOKEN',
    message: 'the Fernet token is damaged, expired, or of another key',
    remedy: 'Use the key that it was made with, or restore both from one backup.',
  });
}

/** The IV must be 16 random bytes that no other token has: `Fernet` draws them; tests of the format pass their own. */
export function sealToken(
  key: FernetKey,
  parts: { readonly message: Uint8Array; readonly madeAt: bigint; readonly iv: Uint8Array },
): string {
  const head = Buffer.alloc(IV_AT);
  head.writeUInt8(VERSION);
  head.writeBigUInt64BE(parts.madeAt, TIME_AT);
  const cipher = createCipheriv(CIPHER, key.encryption, parts.iv);
  const signed = Buffer.concat([head, parts.iv, cipher.update(parts.message), cipher.final()]);
  return encodeBase64Url(Buffer.concat([signed, macOf(key, signed)]));
}

/** Checks everything before it decrypts. Without a lifetime times are not checked. Throws only `invalidToken()`. */
export function openToken(key: FernetKey, token: string, lifetime?: Lifetime): OpenedToken {
  const { signed, madeAt } = verified(key, token);
  if (lifetime !== undefined) {
    const { ttl, now } = lifetime;
    if (madeAt + ttl < now || now + MAX_SKEW_S < madeAt) throw invalidToken();
  }
  const decipher = createDecipheriv(CIPHER, key.encryption, signed.subarray(IV_AT, CIPHERTEXT_AT));
  try {
    return { message: Buffer.concat([decipher.update(signed.subarray(CIPHERTEXT_AT)), decipher.final()]), madeAt };
  } catch {
    throw invalidToken();
  }
}

/** Seconds since 1970, after the HMAC was checked. */
export function timeOfToken(key: FernetKey, token: string): bigint {
  return verified(key, token).madeAt;
}

function verified(key: FernetKey, token: string): { readonly signed: Buffer; readonly madeAt: bigint } {
  const bytes = decodeBase64Url(token);
  if (bytes === undefined || bytes.length < LEAST_BYTES || (bytes.length - LEAST_BYTES) % BLOCK !== 0) {
    throw invalidToken();
  }
  if (bytes.readUInt8() !== VERSION) throw invalidToken();
  const signed = bytes.subarray(0, -MAC_BYTES);
  // Both have 32 bytes: timingSafeEqual throws on unequal lengths.
  if (!timingSafeEqual(macOf(key, signed), bytes.subarray(-MAC_BYTES))) throw invalidToken();
  return { signed, madeAt: signed.readBigUInt64BE(TIME_AT) };
}

function macOf(key: FernetKey, signed: Uint8Array): Buffer {
  return createHmac('sha256', key.signing).update(signed).digest();
}
