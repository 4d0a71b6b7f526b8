import { randomBytes } from 'node:crypto';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS, type Clock } from '../../kernel/time.js';
import type { FernetKey } from './key.js';
import { invalidToken, openToken, sealToken, timeOfToken, type Lifetime, type OpenedToken } from './token.js';

export interface DecryptOptions {
  /** Lifetime of a token in whole seconds; without it times are ignored, even those in the future. */
  readonly ttlSeconds?: number;
}

/** Several keys, newest first: the first encrypts, each may decrypt (rotation, as in Python). */
export class MultiFernet {
  readonly #first: FernetKey;
  readonly #keys: readonly FernetKey[];
  readonly #clock: Clock;

  constructor(keys: readonly FernetKey[], clock: Clock) {
    const [first] = keys;
    if (first === undefined) {
      throw configError({
        code: 'FERNET_NO_KEY',
        message: 'a list of Fernet keys is empty',
        remedy: 'Give at least the encrypting key.',
      });
    }
    this.#first = first;
    this.#keys = [...keys];
    this.#clock = clock;
  }

  /** Text is encoded as UTF-8; text without a UTF-8 form (half a surrogate pair) throws FERNET_NOT_TEXT. */
  encrypt(message: string | Uint8Array): string {
    return this.#seal(bytesOf(message), this.#now());
  }

  /** Throws ConfigError FERNET_INVALID_TOKEN, the same for every fault. */
  decrypt(token: string, { ttlSeconds }: DecryptOptions = {}): Buffer {
    if (ttlSeconds === undefined) return this.#open(token).message;
    if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 0) throw badTtl(ttlSeconds);
    return this.#open(token, { ttl: BigInt(ttlSeconds), now: this.#now() }).message;
  }

  /** Like `decrypt`; a message that is not UTF-8 is an invalid token too. */
  decryptText(token: string, options: DecryptOptions = {}): string {
    return textOf(this.decrypt(token, options));
  }

  /** Seconds since 1970, of a token that one of the keys signed. */
  timestampOf(token: string): number {
    return Number(this.#withAnyKey((key) => timeOfToken(key, token)));
  }

  /** Whether the first key, the one that encrypts, opens the token. */
  opensWithFirst(token: string): boolean {
    try {
      openToken(this.#first, token);
      return true;
    } catch (error) {
      if (error instanceof TradeBotError && error.code === 'FERNET_INVALID_TOKEN') return false;
      throw error;
    }
  }

  /** The same message under the first key: its time stays, so that rotation does not extend its life. */
  rotate(token: string): string {
    const { message, madeAt } = this.#open(token);
    return this.#seal(message, madeAt);
  }

  #seal(message: Uint8Array, madeAt: bigint): string {
    return sealToken(this.#first, { message, madeAt, iv: randomBytes(16) });
  }

  #open(token: string, lifetime?: Lifetime): OpenedToken {
    return this.#withAnyKey((key) => openToken(key, token, lifetime));
  }

  #withAnyKey<T>(attempt: (key: FernetKey) => T): T {
    for (const key of this.#keys) {
      try {
        return attempt(key);
      } catch (error) {
        if (!(error instanceof TradeBotError) || error.code !== 'FERNET_INVALID_TOKEN') throw error;
      }
    }
    throw invalidToken();
  }

  #now(): bigint {
    return BigInt(Math.floor(this.#clock.now() / SECOND_MS));
  }
}

/** One key, for tokens compatible with Python's `cryptography.fernet` (SEC-1). */
export class Fernet extends MultiFernet {
  constructor(key: FernetKey, clock: Clock) {
    super([key], clock);
  }
}

function bytesOf(message: string | Uint8Array): Uint8Array {
  if (typeof message !== 'string') return message;
  const bytes = Buffer.from(message, 'utf8');
  if (bytes.toString('utf8') === message) return bytes;
  throw configError({
    code: 'FERNET_NOT_TEXT',
    message: 'the text contains half a surrogate pair, which has no UTF-8',
    remedy: 'Give whole characters, or bytes.',
  });
}

function textOf(bytes: Uint8Array): string {
  try {
    // A leading byte order mark is part of the message.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidToken();
  }
}

function badTtl(ttl: number): TradeBotError {
  return configError({
    code: 'FERNET_BAD_TTL',
    message: `${ttl} seconds is not a valid lifetime`,
    remedy: 'Give whole seconds from 0, or leave it out.',
  });
}
