import { networkError, TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { BROKER_CALLS, wrapBroker, type Broker } from '../../ports/broker.js';
import type { Pacer } from '../../ports/pacer.js';
import { LiveCalls, type Answer } from '../execution/broker-calls.js';
import { classify } from '../errors/classify.js';
import { idempotent, retrySafely } from '../errors/retry-safely.js';

/** How the calls of a session are repeated. */
export interface RetryOptions {
  /** Nobody else waits by it meanwhile. */
  readonly pacer: Pacer;
  /** API_TIMEOUT: seconds that one answer is waited for. */
  readonly timeoutSeconds: number;
  /** API_RETRY_LIMIT: how often it is asked again. */
  readonly retries: number;
  readonly seed: string;
}

const REMEDY = 'Check the line to the broker and its status page, then start the bot again.';

/**
 * The broker for what a session asks before it opens and after it has closed: a call without an answer is abandoned after
 * a while and made again (RUN-40), so a broker that is away for a moment costs no session. Orders pass through as they are:
 * the engine asks for them itself.
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
      throw this.#told(name, error);
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

  /** A line that is down has an error of its system; whoever runs the session wants one of ours, with a remedy. */
  #told(name: string, error: unknown): unknown {
    const { errorType, errorCode: code, message } = classify(error);
    if (error instanceof TradeBotError || errorType !== 'NetworkError') return error;
    const told = `broker ${this.inner.code} cannot be asked for ${name}: ${message}`;
    return networkError('retry', { code, message: told, remedy: REMEDY, cause: error });
  }
}
