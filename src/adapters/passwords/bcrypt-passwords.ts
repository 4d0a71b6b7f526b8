import bcrypt from 'bcrypt';
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { fitsBcrypt, normalPassword } from '../../domain/access/password-policy.js';
import { TradeBotError } from '../../kernel/errors.js';
import { Secret } from '../../kernel/secret.js';
import type { CheckPriority, Passwords } from '../../ports/access.js';

/** SEC-11. */
const BCRYPT_COST = 12;
/** Hashing occupies one of four threads for a quarter of a second: more at once would block everything else. */
const MOST_AT_ONCE = 3;
/** Strangers leave a place free for known devices and users. */
const MOST_STRANGERS_AT_ONCE = 2;
/** Of each priority: about five seconds for a stranger. */
const MOST_WAITING = 40;
/** Answers to made-up names that wait: as many as there can be connections. */
const MOST_FEIGNED = 2_048;
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
  readonly #running: Record<CheckPriority, number> = { known: 0, stranger: 0 };
  readonly #waiting: Readonly<Record<CheckPriority, (() => void)[]>> = { known: [], stranger: [] };
  #judge: ZxcvbnFactory | undefined;
  #feigned = 0;
  /** How long the last check took. Milliseconds. */
  #lastTookMs = 250;

  constructor(options: BcryptOptions = {}) {
    this.#cost = options.cost ?? BCRYPT_COST;
  }

  hash(password: Secret): Promise<Secret> {
    return this.#bounded('known', async () => new Secret(await bcrypt.hash(textOf(password), this.#cost)));
  }

  matches(password: Secret, hash: Secret | undefined, priority: CheckPriority): Promise<boolean> {
    if (hash === undefined && !this.#mayRun(priority)) return this.#feign();
    return this.#bounded(priority, async () => {
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

  /**
   * No answer to a made-up name depends on a check, so it takes no place from a user who waits for one: it comes as late as if
   * it had waited. Otherwise made-up names without end would keep every user out on a new device.
   */
  async #feign(): Promise<boolean> {
    if (this.#feigned >= MOST_FEIGNED) throw busy(this.#feigned);
    this.#feigned += 1;
    try {
      await pause(this.#lastTookMs + randomInt(Math.ceil(this.#lastTookMs) + 1));
      return false;
    } finally {
      this.#feigned -= 1;
    }
  }

  #hashForUnknownUser(): Promise<string> {
    this.#unknownUserHash ??= bcrypt.hash('nobody has this password', this.#cost);
    return this.#unknownUserHash;
  }

  async #bounded<T>(priority: CheckPriority, work: () => Promise<T>): Promise<T> {
    if (this.#mayRun(priority)) this.#running[priority] += 1;
    else await this.#turn(priority);
    const from = performance.now();
    try {
      return await work();
    } finally {
      this.#lastTookMs = performance.now() - from;
      this.#running[priority] -= 1;
      this.#next();
    }
  }

  #mayRun(priority: CheckPriority): boolean {
    const { known, stranger } = this.#running;
    return known + stranger < MOST_AT_ONCE && (priority === 'known' || stranger < MOST_STRANGERS_AT_ONCE);
  }

  /** Resolves with the place taken. */
  #turn(priority: CheckPriority): Promise<void> {
    const waiting = this.#waiting[priority];
    if (waiting.length >= MOST_WAITING) throw busy(waiting.length);
    return new Promise((resolve) => waiting.push(resolve));
  }

  #next(): void {
    for (const priority of ['known', 'stranger'] as const) {
      if (this.#waiting[priority].length === 0 || !this.#mayRun(priority)) continue;
      this.#running[priority] += 1;
      this.#waiting[priority].shift()?.();
      return;
    }
  }
}

function busy(waiting: number): TradeBotError {
  return new TradeBotError('ConfigError', 'retry', {
    code: 'PASSWORDS_BUSY',
    message: `${waiting} passwords wait to be checked`,
    remedy: 'Try again in a few seconds.',
    details: { retryAfterSeconds: 3 },
  });
}

function textOf(password: Secret): string {
  return normalPassword(password.reveal());
}
