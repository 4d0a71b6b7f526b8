import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { writeFileAtomic, writeFileOnce } from '../files/atomic-write.js';
import { causeText } from '../files/system-error.js';
import { readVaultFile } from '../vault/vault-files.js';
import { isWrapped, unwrapKey, wrapKey, rewrapped, type Wrapping } from '../vault/wrapped-key.js';

/** The name in the wrapped message, so that the file of another key is refused. */
const NAME = 'journal_seal';

/**
 * The private key in an existing file; the master key is asked for only when it is wrapped. Throws ConfigError
 * `SEAL_KEY_UNREADABLE`, or `SEAL_KEY_NOT_OPENED` when the master key is missing or wrong.
 */
export function readSealKey(path: string, master: () => Wrapping | undefined): KeyObject {
  const text = textOf(path);
  if (!isWrapped(text)) return privateKeyOf(path, text);
  let plain: string;
  try {
    plain = unwrapKey({ file: path, name: NAME, text }, master());
  } catch (cause) {
    throw cause instanceof TradeBotError ? notOpened(cause) : cause;
  }
  return privateKeyOf(path, plain);
}

/** Stores a new key unless the file exists; false when another process made one meanwhile. */
export function writeSealKey(path: string, key: KeyObject, master: Wrapping | undefined): boolean {
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return writeFileOnce(path, master === undefined ? pem : `${wrapKey(NAME, pem.trimEnd(), master)}\n`, 0o600);
}

/**
 * Wraps a plain seal key, and one under an earlier master key, with the first master key; true when the file was
 * written. One rename replaces it: a crash leaves the old file or the new one, with the same key. A file that is
 * missing, damaged or under an unknown master key stays as it is: its next use reports it.
 */
export function wrapSealKey(path: string, master: Wrapping): boolean {
  if (!existsSync(path)) return false;
  let text: string | undefined;
  try {
    readSealKey(path, () => master);
    text = rewrapped({ file: path, name: NAME, text: textOf(path) }, master);
  } catch (error) {
    if (error instanceof TradeBotError && error.kind === 'ConfigError') return false;
    throw error;
  }
  if (text === undefined) return false;
  writeFileAtomic(path, `${text}\n`, 0o600);
  return true;
}

/**
 * Stores a wrapped seal key plain; true when the file was written. One rename replaces it. Throws what `unwrapKey` throws:
 * a key that the master key does not open would be lost with it.
 */
export function unwrapSealKey(path: string, master: Wrapping): boolean {
  if (!existsSync(path)) return false;
  const text = textOf(path);
  if (!isWrapped(text)) return false;
  writeFileAtomic(path, `${unwrapKey({ file: path, name: NAME, text }, master)}\n`, 0o600);
  return true;
}

/** The Ed25519 public key in a PEM file. Throws ConfigError `SEAL_KEY_UNREADABLE`. */
export function publicKeyIn(path: string): KeyObject {
  return keyOf(path, () => createPublicKey(readFileSync(path, 'utf8')));
}

/** A new key that must not be stored plain, because a master key wraps the other keys of the home. */
export function masterKeyMissing(path: string, vaultKeys: string): TradeBotError {
  return configError({
    code: SEAL_KEY_NOT_OPENED,
    message: `${path} is not made: a master key wraps ${vaultKeys}, but none was given; ${LATER}`,
    remedy: REMEDY,
  });
}

/** Code of the errors that the right master key ends. */
export const SEAL_KEY_NOT_OPENED = 'SEAL_KEY_NOT_OPENED';
const LATER = 'missing seals are signed at the next start with the right one, never with a new key';
const REMEDY =
  'Give the master key that TradeBot runs with: its file as TRADEBOT_MASTER_KEY_FILE in the .env file of the home, or as --master-key-file of `tradebot run`.';

function notOpened(cause: TradeBotError): TradeBotError {
  const message = `the seal key cannot be opened: ${cause.message}; ${LATER}`;
  return configError({ code: SEAL_KEY_NOT_OPENED, message, remedy: REMEDY, cause });
}

function privateKeyOf(path: string, pem: string): KeyObject {
  return keyOf(path, () => createPrivateKey(pem));
}

function keyOf(path: string, make: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = make();
  } catch (cause) {
    throw unreadable(path, causeText(cause), cause);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw unreadable(path, 'it is a key of another kind');
  return key;
}

function textOf(path: string): string {
  try {
    return readVaultFile(path);
  } catch (cause) {
    throw unreadable(path, causeText(cause), cause);
  }
}

function unreadable(path: string, why: string, cause?: unknown): TradeBotError {
  return configError({
    code: 'SEAL_KEY_UNREADABLE',
    message: `${path} is not an Ed25519 key in PEM format: ${why}`,
    remedy: 'Use the original file from TradeBot (journal_seal.pub for checks), or restore it from a backup.',
    cause,
  });
}
