import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { SignedSeal } from '../../domain/audit/seal.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import type { Wrapping } from '../vault/wrapped-key.js';
import { readSeal } from './seal-files.js';
import { masterKeyMissing, publicKeyIn, readSealKey, SEAL_KEY_NOT_OPENED, writeSealKey } from './seal-key-file.js';

export interface SealKeyPaths {
  /** PKCS #8 PEM, mode 0600, in a folder of the owner alone; wrapped when there is a master key. */
  readonly privateKey: string;
  /** Path of the published public key; only read here. */
  readonly publicKey: string;
}

/** The master key of the home, asked for when it is needed. */
export interface SealKeyMaster {
  /** Undefined when none was given; throws when it cannot be read. */
  wrapping(): Wrapping | undefined;
  /** A file of the home that a master key wraps, so that the seal key must not be plain either; undefined when none. */
  wrapped(): string | undefined;
}

/** For a home without a master key. */
const NO_MASTER_KEY: SealKeyMaster = { wrapping: () => undefined, wrapped: () => undefined };

/** Signature and public key, both base64. */
type Signature = Pick<SignedSeal, 'publicKey' | 'signature'>;

/**
 * The Ed25519 key of a home. Created when the first seal is signed; only read afterwards. A home that has published a
 * key and lost the private one is refused (`SEAL_KEY_LOST`) instead of silently getting a new one.
 */
export class SealKeys {
  readonly #paths: SealKeyPaths;
  readonly #master: SealKeyMaster;
  #key: KeyObject | undefined;

  constructor(paths: SealKeyPaths, master = NO_MASTER_KEY) {
    this.#paths = paths;
    this.#master = master;
  }

  /**
   * Signature and public key as base64. When the master key is not at hand, the signature of the seal in `file` is
   * given, if the published key made it for this message. Throws ConfigError `SEAL_KEY_LOST`, `SEAL_KEY_UNREADABLE`,
   * `SEAL_KEY_NOT_OPENED`.
   */
  sign(message: string, file?: string): Signature {
    return this.#withKey(
      (key) => ({
        publicKey: base64Of(createPublicKey(key)),
        signature: sign(null, Buffer.from(message), key).toString('base64'),
      }),
      () => (file === undefined ? undefined : this.#madeBefore(message, file)),
    );
  }

  /** The published one when the master key is not at hand. Throws as `sign` does. */
  publicKeyPem(): string {
    return this.#withKey(
      (key) => pemOf(createPublicKey(key)),
      () => this.#published(pemOf),
    );
  }

  /** Opens or makes the private key. Throws as `sign` does. */
  open(): void {
    this.#privateKey();
  }

  /**
   * Base64 of the home's public key, the published one when the master key is not at hand; undefined before the first
   * seal. Creates nothing.
   */
  knownPublicKey(): string | undefined {
    if (this.#key === undefined && !existsSync(this.#paths.privateKey)) return this.#published(base64Of);
    return this.#withKey(
      (key) => base64Of(createPublicKey(key)),
      () => this.#published(base64Of),
    );
  }

  /** `work` with the private key, or `otherwise` when only the master key is missing and there is such an answer. */
  #withKey<T>(work: (key: KeyObject) => T, otherwise: () => T | undefined): T {
    let key: KeyObject;
    try {
      key = this.#privateKey();
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== SEAL_KEY_NOT_OPENED) throw error;
      const answer = otherwise();
      if (answer === undefined) throw error;
      return answer;
    }
    return work(key);
  }

  #published<T>(form: (key: KeyObject) => T): T | undefined {
    const { publicKey } = this.#paths;
    return existsSync(publicKey) ? form(publicKeyIn(publicKey)) : undefined;
  }

  #madeBefore(message: string, file: string): Signature | undefined {
    if (!existsSync(file)) return undefined;
    let made: SignedSeal;
    try {
      made = readSeal(file);
    } catch (error) {
      if (error instanceof TradeBotError) return undefined;
      throw error;
    }
    const { publicKey, signature } = made;
    const ours = publicKey === this.#published(base64Of) && verifySignature(message, made);
    return ours ? { publicKey, signature } : undefined;
  }

  #privateKey(): KeyObject {
    this.#key ??= existsSync(this.#paths.privateKey) ? this.#read() : this.#make();
    return this.#key;
  }

  #read(): KeyObject {
    return readSealKey(this.#paths.privateKey, () => this.#master.wrapping());
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
    const master = this.#master.wrapping();
    const wrapped = master === undefined ? this.#master.wrapped() : undefined;
    if (wrapped !== undefined) throw masterKeyMissing(path, wrapped);
    const { privateKey } = generateKeyPairSync('ed25519');
    return writeSealKey(path, privateKey, master) ? privateKey : this.#read();
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
  return base64Of(publicKeyIn(path));
}

function base64Of(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

function pemOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
