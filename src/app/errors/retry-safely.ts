import { TradeBotError } from '../../kernel/errors.js';
import { SeededRandom } from '../../kernel/random.js';
import { plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { classify } from './classify.js';

/**
 * An operation that is safe to repeat: a query, or an action that the other side knows by its id. Only `idempotent`
 * makes one; sending an order is not, so the compiler refuses to retry it (RUN-40, P2).
 */
export interface IdempotentOperation<T> {
  readonly idempotent: true;
  readonly name: string;
  readonly run: () => Promise<T>;
}

/** Declares that running `run` twice has the effect of once. The author of the call is responsible for it. */
export const idempotent = <T>(name: string, run: () => Promise<T>): IdempotentOperation<T> => ({
  idempotent: true,
  name,
  run,
});

export interface RetryOptions {
  /** API_RETRY_LIMIT: the number of retries after the first attempt. */
  readonly limit: number;
  /** Waits by the world's clock, such as a pacer of its own. */
  readonly until: (at: EpochMs) => Promise<unknown>;
  readonly now: () => EpochMs;
  /** Determines the jitter, so that a day is always replayed the same. */
  readonly seed: string;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30 * SECOND_MS;

/**
 * Retries after a transient failure: a failed connection, or an error whose caller must retry or ask. Waits double,
 * each with up to half of it as jitter. Throws the last error when all attempts failed, and at once an error that no
 * retry can fix.
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

/** Whether the same question may be answered later, without a person. */
export function mayPass(error: unknown): boolean {
  if (error instanceof TradeBotError) {
    // Unknown outcome: repeating is safe here, because the operation is idempotent.
    return error.callerMust === 'retry' || error.callerMust === 'reconcile';
  }
  return classify(error).errorType === 'NetworkError';
}
