import { networkError, TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { BROKER_CALLS, wrapBroker, type Broker } from '../../ports/broker.js';
import type { Pacer } from '../../ports/pacer.js';
import { LiveCalls, type Answer } from '../execution/broker-calls.js';
import { classify } from '../errors/classify.js';
import { idempotent, retrySafely } from '../errors/retry-safely.js';

/** How the calls of a session are repeated. */
export interface RetryOptions {
  /** No other code waits on it meanwhile. */
  readonly pacer: Pacer;
  /** API_TIMEOUT: seconds to wait for one answer. */
  readonly timeoutSeconds: number;
  /** API_RETRY_LIMIT: number of retries. */
  readonly retries: number;
  readonly seed: string;
}

const REMEDY = 'Check the connection to the broker and its status page, then start the bot again.';

/**
 * The broker for the calls of a session before it opens and after it closes: a call without an answer is abandoned
 * after a while and repeated (RUN-40), so a short outage costs no session. Orders pass through unchanged: the engine
 * asks for their status itself.
 */
export class RetryingBroker {
  /** The broker for the session. */
  readonly broker: Broker;
  readonly #calls: LiveCalls;

  constructor(
    private readonly inner: Broker,
    private readonly options: RetryOptions,
  ) {
    const { pacer, timeoutSeconds } = options;
    this.#calls = new LiveCalls({ pacer, timeoutMs: () => timeoutSeconds * SECOND_MS });
    this.broker = wrapBroker(inner, (name, call) =>
      BROKER_CALLS[name] === 'repeatable' ? this.#ask(name, call) : call(),
    );
  }

  async #ask<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { pacer, retries: limit, seed } = this.options;
    const now = (): EpochMs => pacer.now();
    const until = async (at: EpochMs): Promise<void> => {
      while (pacer.now() < at) await pacer.until(at);
    };
    try {
      return await retrySafely(
        idempotent(name, () => this.#once(name, work)),
        { limit, seed, now, until },
      );
    } catch (error) {
      throw this.#asBrokerError(name, error);
    }
  }

  async #once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const given: { answer?: Answer<T> } = {};
    await this.#calls.call({
      work,
      take: (answer) => {
        given.answer = answer;
        return Promise.resolve();
      },
      gaveUp: () => Promise.resolve(),
    });
    if (given.answer === undefined) throw this.#silent(name);
    if (given.answer.ok) return given.answer.value;
    throw given.answer.error;
  }

  #silent(name: string): TradeBotError {
    return networkError('retry', {
      code: 'API_TIMEOUT',
      message: `broker ${this.inner.code} did not answer ${name} within ${this.options.timeoutSeconds} s`,
      remedy: REMEDY,
    });
  }

  /** A broken connection has an error of the system; the caller needs one of ours, with a remedy. */
  #asBrokerError(name: string, error: unknown): unknown {
    const { errorType, errorCode: code, message } = classify(error);
    if (error instanceof TradeBotError || errorType !== 'NetworkError') return error;
    const described = `broker ${this.inner.code} did not complete ${name}: ${message}`;
    return networkError('retry', { code, message: described, remedy: REMEDY, cause: error });
  }
}
