import bcrypt from 'bcrypt';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { fitsBcrypt, normalPassword } from '../../domain/access/password-policy.js';
import { TradeBotError } from '../../kernel/errors.js';
import { Secret } from '../../kernel/secret.js';
import type { Passwords } from '../../ports/access.js';

/** SEC-11. */
const BCRYPT_COST = 12;
/** Hashing occupies a thread for a quarter of a second: more at once would block everything else. */
const MOST_AT_ONCE = 16;
/** Of 0 to 4: from here on it withstands 10^8 guesses. */
const LEAST_SCORE = 3;

export interface BcryptOptions {
  /** 4 to 31; tests use less. */
  readonly cost?: number;
}

/** bcrypt hashes, and the list of the most common passwords. */
export class BcryptPasswords implements Passwords {
  readonly #cost: number;
  /** Used for unknown users, so that the answer takes the same time. */
  #unknownUserHash: Promise<string> | undefined;
  #running = 0;
  #judge: ZxcvbnFactory | undefined;

  constructor(options: BcryptOptions = {}) {
    this.#cost = options.cost ?? BCRYPT_COST;
  }

  hash(password: Secret): Promise<Secret> {
    return this.#bounded(async () => new Secret(await bcrypt.hash(textOf(password), this.#cost)));
  }

  matches(password: Secret, hash: Secret | undefined): Promise<boolean> {
    return this.#bounded(async () => {
      const text = textOf(password);
      const fits = fitsBcrypt(text);
      const other = hash?.reveal() ?? (await this.#hashForUnknownUser());
      const same = await bcrypt.compare(fits ? text : '', other);
      return same && fits && hash !== undefined;
    });
  }

  isOutdated(hash: Secret): boolean {
    return bcrypt.getRounds(hash.reveal()) < this.#cost;
  }

  isCommon(password: Secret, about: readonly string[]): boolean {
    this.#judge ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
    return this.#judge.check(textOf(password), [...about, 'tradebot']).score < LEAST_SCORE;
  }

  #hashForUnknownUser(): Promise<string> {
    this.#unknownUserHash ??= bcrypt.hash('nobody has this password', this.#cost);
    return this.#unknownUserHash;
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MOST_AT_ONCE) {
      throw new TradeBotError('ConfigError', 'retry', {
        code: 'PASSWORDS_BUSY',
        message: `${this.#running} passwords are being checked`,
        remedy: 'Try again in a few seconds.',
      });
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
    }
  }
}

function textOf(password: Secret): string {
  return normalPassword(password.reveal());
}
