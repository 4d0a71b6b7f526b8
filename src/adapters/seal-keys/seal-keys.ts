import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { SignedSeal } from '../../domain/audit/seal.js';
import { configError, type TradeBotError } from '../../kernel/errors.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { causeText } from '../files/system-error.js';

export interface SealKeyPaths {
  /** PKCS #8 PEM, mode 0600, in a folder of the owner alone. */
  readonly privateKey: string;
  /** Path of the published public key; only read here. */
  readonly publicKey: string;
}

/**
 * The Ed25519 key of a home. Created when the first seal is signed; only read afterwards. A home that has published a
 * key and lost the private one is refused (`SEAL_KEY_LOST`) instead of silently getting a new one.
 */
export class SealKeys {
  readonly #paths: SealKeyPaths;
  #key: KeyObject | undefined;

  constructor(paths: SealKeyPaths) {
    this.#paths = paths;
  }

  /** Signature and public key as base64. Throws ConfigError `SEAL_KEY_LOST`, `SEAL_KEY_UNREADABLE`. */
  sign(message: string): { readonly publicKey: string; readonly signature: string } {
    const key = this.#privateKey();
    return {
      publicKey: base64Of(createPublicKey(key)),
      signature: sign(null, Buffer.from(message), key).toString('base64'),
    };
  }

  publicKeyPem(): string {
    return pemOf(createPublicKey(this.#privateKey()));
  }

  /** Base64 of the home's public key; undefined before the first seal. Creates nothing. */
  knownPublicKey(): string | undefined {
    if (this.#key !== undefined || existsSync(this.#paths.privateKey)) {
      return base64Of(createPublicKey(this.#privateKey()));
    }
    return existsSync(this.#paths.publicKey) ? readPublicKey(this.#paths.publicKey) : undefined;
  }

  #privateKey(): KeyObject {
    this.#key ??= existsSync(this.#paths.privateKey) ? readPrivateKey(this.#paths.privateKey) : this.#make();
    return this.#key;
  }

  #make(): KeyObject {
    const { privateKey: path, publicKey: published } = this.#paths;
    if (existsSync(published)) {
      throw configError({
        code: 'SEAL_KEY_LOST',
        message: `${path} is missing, although ${published} belongs to it`,
        remedy: 'Restore the private key from a backup; to start with a new one, move the public key away first.',
      });
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileAtomic(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
    return privateKey;
  }
}

/** True when the seal's signature over `message` was made with the key that the seal names. */
export function verifySignature(message: string, { publicKey, signature }: SignedSeal): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519' || base64Of(key) !== publicKey) return false;
    return verify(null, Buffer.from(message), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** Base64 of the Ed25519 public key in a PEM file. Throws ConfigError `SEAL_KEY_UNREADABLE`. */
export function readPublicKey(path: string): string {
  const key = readKey(path, createPublicKey);
  return base64Of(key);
}

function readPrivateKey(path: string): KeyObject {
  return readKey(path, createPrivateKey);
}

function readKey(path: string, make: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = make(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw unreadable(path, causeText(cause), cause);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw unreadable(path, 'it is a key of another kind');
  return key;
}

function unreadable(path: string, why: string, cause?: unknown): TradeBotError {
  return configError({
    code: 'SEAL_KEY_UNREADABLE',
    message: `${path} is not an Ed25519 key in PEM format: ${why}`,
    remedy: 'Use the original file from TradeBot (journal_seal.pub for checks), or restore it from a backup.',
    cause,
  });
}

function base64Of(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
