import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.js';

export const SETUP_TOKEN_HEADER = 'X-Setup-Token';
/** Code of the problem for a token that is not the one. */
export const WRONG_SETUP_TOKEN = 'SETUP_TOKEN_WRONG';
const MOST_WRONG = 10;
const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 1_000;

interface Wrong {
  count: number;
  readonly since: number;
}

/**
 * The one-time token that main prints (SEC-6), for the set-up and the first account: only its digest is kept; compared in
 * constant time, wrong ones counted by address.
 */
export class SetupToken {
  readonly #wrong = new Map<string, Wrong>();
  readonly #digest: Buffer | undefined;

  /** `token` null: there was a user when this process started; nothing is right then. `nowMs`: monotonic milliseconds. */
  constructor(
    token: string | null,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#digest = token === null ? undefined : digestOf(token);
  }

  /**
   * Throws a Problem: 401 without the token or with a wrong one, 429 after ten wrong ones in a minute. The right one is never
   * refused, whatever others send from the same address: it is too long to guess.
   */
  check(given: string | undefined, address: string): void {
    if (given === undefined || given === '') throw needed();
    if (this.#digest !== undefined && timingSafeEqual(this.#digest, digestOf(given))) return;
    this.#refuseTooMany(address);
    this.#countWrong(address);
    throw wrong();
  }

  #refuseTooMany(address: string): void {
    const known = this.#wrong.get(address);
    if (known === undefined) return;
    const left = known.since + WINDOW_MS - this.nowMs();
    if (left <= 0) this.#wrong.delete(address);
    else if (known.count >= MOST_WRONG) throw tooMany(Math.ceil(left / 1_000));
  }

  /** Oldest out first: a map keeps the order of insertion. */
  #countWrong(address: string): void {
    const known = this.#wrong.get(address);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    if (this.#wrong.size >= MOST_ADDRESSES) this.#wrong.delete(this.#wrong.keys().next().value ?? '');
    this.#wrong.set(address, { count: 1, since: this.nowMs() });
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

const REMEDY =
  'The token was printed where the bot was started; a new start prints a new one. ' +
  `Scripts send it as ${SETUP_TOKEN_HEADER}.`;
/** RFC 9110 wants one with a 401; browsers pass over a scheme that they do not know. */
const CHALLENGE = { 'WWW-Authenticate': 'Setup-Token realm="tradebot"' };

function needed(): Problem {
  return new Problem({
    status: 401,
    code: 'SETUP_TOKEN_NEEDED',
    detail: 'The set-up token is missing.',
    remedy: REMEDY,
    headers: CHALLENGE,
  });
}

function wrong(): Problem {
  return new Problem({
    status: 401,
    code: WRONG_SETUP_TOKEN,
    detail: 'The set-up token is wrong.',
    remedy: REMEDY,
    headers: CHALLENGE,
  });
}

function tooMany(seconds: number): Problem {
  return new Problem({
    status: 429,
    code: 'TOO_MANY_TOKENS',
    detail: `${MOST_WRONG} wrong set-up tokens from this address within a minute.`,
    remedy: `Wait ${seconds} s, then send the latest printed token.`,
    headers: { 'Retry-After': String(seconds) },
  });
}
