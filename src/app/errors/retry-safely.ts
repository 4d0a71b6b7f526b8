import { TradeBotError } from '../../kernel/errors.js';
import { SeededRandom } from '../../kernel/random.js';
import { plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { classify } from './classify.js';

/**
 * Something that may be done again without harm: a question, or an act that the other side knows by its id. Only
 * `idempotent` makes one; sending an order is none, and so the compiler refuses to retry it (RUN-40, P2).
 */
export interface IdempotentOperation<T> {
  readonly idempotent: true;
  readonly name: string;
  readonly run: () => Promise<T>;
}

/** Says that `run` may run twice and does no more than once. Whoever writes it answers for it. */
export const idempotent = <T>(name: string, run: () => Promise<T>): IdempotentOperation<T> => ({
  idempotent: true,
  name,
  run,
});

export interface RetryOptions {
  /** API_RETRY_LIMIT: how often it is tried again after the first time. */
  readonly limit: number;
  /** Waits by the clock of the world, such as a pacer of its own. */
  readonly until: (at: EpochMs) => Promise<unknown>;
  readonly now: () => EpochMs;
  /** Jitter follows from it, so that a day is the same whenever it is played. */
  readonly seed: string;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30 * SECOND_MS;

/**
 * Runs it again after a failure that may pass: a line that is down, or a caller told to retry or to ask. Waits grow
 * twofold, each with up to half of it as jitter. Throws the last error when all attempts failed, and at once what no
 * repetition mends.
 */
export async function retrySafely<T>(operation: IdempotentOperation<T>, options: RetryOptions): Promise<T> {
  const { limit } = options;
  const random = SeededRandom.of(options.seed, operation.name, options.now());
  for (let number = 1; ; number += 1) {
    try {
      return await operation.run();
    } catch (error) {
      if (number > limit || !mayPass(error)) throw error;
      const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(number - 1, 20));
      const waitMs = Math.round(random.between(whole / 2, whole));
      await options.until(plusMs(options.now(), waitMs));
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof TradeBotError) {
    // unknown outcome: to do it again is safe here, that is what idempotent means
    return error.callerMust === 'retry' || error.callerMust === 'reconcile';
  }
  return classify(error).errorType === 'NetworkError';
}
