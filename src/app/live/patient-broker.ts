import type { Observable } from 'rxjs';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { networkError, TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS, type DateText, type EpochMs } from '../../kernel/time.js';
import type { Broker, BrokerCapabilities, BrokerStatus, BrokerUpdate, OrderRequest } from '../../ports/broker.js';
import type { Pacer } from '../../ports/pacer.js';
import { LiveCalls, type Answer } from '../engine/broker-calls.js';
import { classify } from '../errors/classify.js';
import { idempotent, retrySafely } from '../errors/retry-safely.js';

export interface Patience {
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
 * The broker for what a session asks before it opens and after it has closed: a question without an answer is given up
 * after a while and asked again (RUN-40), so that a broker that is away for a moment costs no day. Orders pass through as
 * they are: the engine asks after them itself.
 */
export class PatientBroker implements Broker {
  readonly code: string;
  readonly capabilities: BrokerCapabilities;
  readonly orderUpdates$: Observable<BrokerUpdate>;
  readonly status$: Observable<BrokerStatus>;
  readonly #calls: LiveCalls;

  constructor(
    private readonly inner: Broker,
    private readonly patience: Patience,
  ) {
    this.code = inner.code;
    this.capabilities = inner.capabilities;
    this.orderUpdates$ = inner.orderUpdates$;
    this.status$ = inner.status$;
    const { pacer, timeoutSeconds } = patience;
    this.#calls = new LiveCalls({ pacer, patienceMs: () => timeoutSeconds * SECOND_MS });
  }

  connect(): Promise<void> {
    return this.#ask('connect', () => this.inner.connect());
  }
  selfCheck(): ReturnType<Broker['selfCheck']> {
    return this.#ask('selfCheck', () => this.inner.selfCheck());
  }
  account(): ReturnType<Broker['account']> {
    return this.#ask('account', () => this.inner.account());
  }
  positions(): ReturnType<Broker['positions']> {
    return this.#ask('positions', () => this.inner.positions());
  }
  openOrders(): ReturnType<Broker['openOrders']> {
    return this.#ask('openOrders', () => this.inner.openOrders());
  }
  activities(after: string | null, limit: number, which?: 'all' | 'cash'): ReturnType<Broker['activities']> {
    return this.#ask('activities', () => this.inner.activities(after, limit, which));
  }
  calendar(from: DateText, to: DateText): ReturnType<Broker['calendar']> {
    return this.#ask('calendar', () => this.inner.calendar(from, to));
  }
  clock(): ReturnType<Broker['clock']> {
    return this.#ask('clock', () => this.inner.clock());
  }
  asset(symbol: TickerSymbol): ReturnType<Broker['asset']> {
    return this.#ask('asset', () => this.inner.asset(symbol));
  }
  lastPrice(symbol: TickerSymbol): ReturnType<Broker['lastPrice']> {
    return this.#ask('lastPrice', () => this.inner.lastPrice(symbol));
  }

  submit(order: OrderRequest): Promise<void> {
    return this.inner.submit(order);
  }
  cancel(clientOrderId: ClientOrderId): Promise<void> {
    return this.inner.cancel(clientOrderId);
  }
  cancelAll(): Promise<void> {
    return this.inner.cancelAll();
  }
  closeAll(): Promise<void> {
    return this.inner.closeAll();
  }
  orderByClientId(clientOrderId: ClientOrderId): ReturnType<Broker['orderByClientId']> {
    return this.inner.orderByClientId(clientOrderId);
  }
  disconnect(): Promise<void> {
    return this.inner.disconnect();
  }

  async #ask<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { pacer, retries: limit, seed } = this.patience;
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
      message: `broker ${this.code} did not answer ${name} within ${this.patience.timeoutSeconds} s`,
      remedy: REMEDY,
    });
  }

  /** A line that is down has an error of its system; whoever runs the session wants one of ours, with a remedy. */
  #told(name: string, error: unknown): unknown {
    const { errorType, errorCode: code, message } = classify(error);
    if (error instanceof TradeBotError || errorType !== 'NetworkError') return error;
    const told = `broker ${this.code} cannot be asked for ${name}: ${message}`;
    return networkError('retry', { code, message: told, remedy: REMEDY, cause: error });
  }
}
