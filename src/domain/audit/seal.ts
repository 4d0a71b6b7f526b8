import type { Position, RecordedEvent } from '../../events/event.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { UtcText } from '../../kernel/time.js';

/** Part of the signed text, so a signature for one purpose is invalid for any other. */
export const SEAL_FORMAT = 'tradebot-seal-1';

/** A seal over the journal up to and including one event (JRN-30). */
export interface Seal {
  readonly format: typeof SEAL_FORMAT;
  readonly botIdentity: BotIdentity;
  readonly sealId: string;
  /** Position of the last covered event. */
  readonly position: Position;
  /** Number of covered events. */
  readonly count: number;
  /** Hash of the last covered event. */
  readonly hash: Sha256Hex;
  /** Merkle root over the hashes of all covered events. */
  readonly merkleRoot: Sha256Hex;
  readonly sealedAt: UtcText;
}

/** A seal file. Key: base64 of the DER SubjectPublicKeyInfo (the body of a PEM file); signature: base64. */
export interface SignedSeal {
  readonly seal: Seal;
  readonly publicKey: string;
  readonly signature: string;
}

/** The exact text whose UTF-8 bytes are signed. */
export function sealMessage(seal: Seal): string {
  return canonicalJson(seal);
}

/** The seal of an event, which contains all signed data, so the seal file can be rebuilt from event and key. */
export function sealOf(event: RecordedEvent<'JournalSealed'>): Seal {
  return { format: SEAL_FORMAT, botIdentity: event.meta.botIdentity, ...event.data };
}

export function signedSealText(signed: SignedSeal): string {
  return `${canonicalJson(signed)}\n`;
}

const HEX = /^[0-9a-f]{64}$/;
const BASE64 = /^[A-Za-z0-9+/]{40,}={0,2}$/;

/** Parses a seal file without checking the seal; `source` names the file in the error SEAL_UNREADABLE. */
export function parseSignedSeal(text: string, source: string): SignedSeal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(source, 'it is not JSON', cause);
  }
  if (!isSignedSeal(value)) throw unreadable(source, `its members do not match ${SEAL_FORMAT}`);
  return value;
}

export function isSignedSeal(value: unknown): value is SignedSeal {
  if (!isRecord(value) || !isRecord(value['seal'])) return false;
  const { seal, publicKey, signature } = value;
  const { format, botIdentity, sealId, position, count, hash, merkleRoot, sealedAt } = seal as Record<string, unknown>;
  const texts = [botIdentity, sealId, position, sealedAt];
  return (
    format === SEAL_FORMAT &&
    Object.keys(value).length === 3 &&
    Object.keys(seal).length === 8 &&
    texts.every((text) => typeof text === 'string' && text !== '') &&
    Number.isSafeInteger(count) &&
    (count as number) > 0 &&
    [hash, merkleRoot].every((digest) => typeof digest === 'string' && HEX.test(digest)) &&
    [publicKey, signature].every((key) => typeof key === 'string' && BASE64.test(key))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function unreadable(source: string, why: string, cause?: unknown): TradeBotError {
  return dataError({
    code: 'SEAL_UNREADABLE',
    message: `${source} is not a seal: ${why}`,
    remedy: 'Use an unmodified seal file from TradeBot (seal_<date>.json).',
    cause,
  });
}
