import type { Position, RecordedEvent } from '../../events/event.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { dataError, type TradeBotError } from '../../kernel/errors.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { UtcText } from '../../kernel/time.js';

/** Part of what is signed, so that a signature for one purpose fits no other. */
export const SEAL_FORMAT = 'tradebot-seal-1';

/** What a seal vouches for (JRN-30): everything in the journal up to and with one event. */
export interface Seal {
  readonly format: typeof SEAL_FORMAT;
  readonly botIdentity: BotIdentity;
  readonly sealId: string;
  /** Of the last event that it covers. */
  readonly position: Position;
  /** Events that it covers. */
  readonly count: number;
  /** Of the last event that it covers. */
  readonly hash: Sha256Hex;
  /** Over the hashes of all events that it covers. */
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

/** The event says all that is signed, so that the file can be made again from it and the key. */
export function sealOf(event: RecordedEvent<'JournalSealed'>): Seal {
  return { format: SEAL_FORMAT, botIdentity: event.meta.botIdentity, ...event.data };
}

export function signedSealText(signed: SignedSeal): string {
  return `${canonicalJson(signed)}\n`;
}

const HEX = /^[0-9a-f]{64}$/;
const BASE64 = /^[A-Za-z0-9+/]{40,}={0,2}$/;

/** Reads a seal file; `source` names it in the refusal SEAL_UNREADABLE. Says nothing of whether the seal is true. */
export function parseSignedSeal(text: string, source: string): SignedSeal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(source, 'it is not JSON', cause);
  }
  if (!isSignedSeal(value)) throw unreadable(source, `its members are not those of ${SEAL_FORMAT}`);
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
    remedy: 'Give a seal file as TradeBot wrote it (seal_<date>.json).',
    cause,
  });
}
