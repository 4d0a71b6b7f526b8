import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { brokerError, networkError, type CallerMust, type TradeBotError } from '../../kernel/errors.js';
import { sha256Hex, type Sha256Hex } from '../../kernel/hash.js';
import type { Clock } from '../../kernel/time.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import { parseExactJson } from './exact-json.js';
import { exchangeOnce, type Exchanged } from './http-exchange.js';
import type { CallUse, RateBudget } from './rate-budget.js';
import { pauseMs } from './pause.js';
import { retryAfterMs } from './retry-after.js';

export interface BrokerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the address. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  /** What the call does, for messages: `order B01-20261120-1`. */
  readonly what: string;
  /** An `order` call changes something at the broker: without a readable answer its outcome is unknown, and it is never repeated. */
  readonly effect: 'read' | 'order';
  readonly use?: CallUse;
  /** The answer is a credential: only its digest is kept. */
  readonly isSecret?: boolean;
  /** A read is asked again up to this number of times; 1 by default. An order call is sent once whatever this says. */
  readonly tries?: number;
}

/** A whole answer. `value` is its JSON with exact numbers; undefined for an empty body. */
export interface BrokerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly value: unknown;
  readonly rawSha256: Sha256Hex;
}

export interface BrokerHttpOptions {
  /** Code of the broker, for raw frames and messages: `ALPACA`. */
  readonly source: string;
  /** Base address without a slash at its end. */
  readonly baseUrl: string;
  /** Headers of every call, made at each call; they may hold secrets. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly raw: RawFrames;
  readonly budget?: RateBudget;
  readonly timeoutMs?: number;
  /** Largest answer that is read, in bytes. */
  readonly mostBytes?: number;
  /**
   * The verdict of the broker's own rules on an answer other than 2xx, before the table below; undefined leaves it to the table. The
   * value is undefined when the body is not JSON.
   */
  readonly verdict?: (answer: BrokerAnswer, request: BrokerRequest) => TradeBotError | undefined;
}

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 32 * 1024 * 1024;
/** A pause after a refusal for the rate that names no time. */
const RATE_PAUSE_MS = 5_000;
const READ_AGAIN_MS = 250;
/** Sockets to one host: a kill sends many calls at once. */
const MOST_SOCKETS = 32;

/**
 * REST of a broker: one connection pool that is kept alive, a limit of time and size for each answer, redirects refused, numbers exact,
 * each answer kept as evidence. An order call is sent once: nothing here or below repeats it.
 */
export class BrokerHttp {
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(private readonly options: BrokerHttpOptions) {
    const settings = { keepAlive: true, maxSockets: MOST_SOCKETS, scheduling: 'lifo' as const };
    this.#agent = options.baseUrl.startsWith('https:') ? new HttpsAgent(settings) : new HttpAgent(settings);
  }

  /**
   * The answer of a call when it is 2xx, or 4xx with a JSON body that the caller understands.
   * @throws NetworkError retry (not sent, or a read without an answer), reconcile (an order call whose outcome is unknown);
   * BrokerError refuse (the key)
   */
  async send(request: BrokerRequest): Promise<BrokerAnswer> {
    const tries = request.effect === 'read' ? (request.tries ?? 1) : 1;
    for (let count = 1; ; count += 1) {
      try {
        return await this.#once(request);
      } catch (error) {
        if (count >= tries || !mayReadAgain(error)) throw error;
        await pauseMs(READ_AGAIN_MS * count);
      }
    }
  }

  /** Ends kept connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #once(request: BrokerRequest): Promise<BrokerAnswer> {
    const { budget, source } = this.options;
    const waitMs = budget?.take(request.use ?? 'ordinary') ?? 0;
    if (waitMs > 0) {
      throw networkError('retry', {
        code: 'RATE_BUDGET_SPENT',
        message: `${request.what} was not sent to ${source}: its calls of this minute are spent`,
        remedy: `It can be sent in ${Math.ceil(waitMs / 1_000)} s.`,
        details: { waitMs },
      });
    }
    return this.#judged(request, await this.#exchanged(request));
  }

  async #exchanged(request: BrokerRequest): Promise<Exchanged> {
    const { baseUrl, headers, timeoutMs = TIMEOUT_MS, mostBytes = MOST_BYTES } = this.options;
    return exchangeOnce({
      url: `${baseUrl}${request.path}`,
      method: request.method,
      headers: {
        accept: 'application/json',
        ...headers(),
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      agent: this.#agent,
      timeoutMs,
      mostBytes,
    });
  }

  #judged(request: BrokerRequest, exchanged: Exchanged): BrokerAnswer {
    if (exchanged.outcome !== 'answered') throw this.#noAnswer(request, exchanged);
    const { status, headers, text } = exchanged;
    const { raw, source, verdict } = this.options;
    const channel = `${request.method} ${request.path.split('?')[0] ?? ''}`;
    const rawSha256 = request.isSecret === true ? sha256Hex(text) : raw.keep({ source, channel, text });
    const parsed = text.trim() === '' ? { value: undefined } : jsonOf(text);
    const answer = { status, headers, text, value: parsed?.value, rawSha256 };
    const isGood = status >= 200 && status < 300;
    if (isGood && parsed !== undefined) return answer;
    const own = isGood ? undefined : verdict?.(answer, request);
    const fault = own ?? this.#tableVerdict(request, answer, parsed !== undefined);
    if (fault !== undefined) throw fault;
    return answer;
  }

  #tableVerdict(request: BrokerRequest, answer: BrokerAnswer, isJson: boolean): TradeBotError | undefined {
    const { status } = answer;
    const { source } = this.options;
    if (status === 401) {
      return brokerError('refuse', {
        code: 'KEY_REFUSED',
        message: `${source} refused the key for ${request.what} (HTTP 401)`,
        remedy: 'Enter the key and the secret key of this account, of the right kind (paper or live), under secrets.',
      });
    }
    if (status === 429) return this.#rateRefused(request, answer);
    if (status >= 500 || status === 408) {
      return this.#unclear(request, 'BROKER_UNAVAILABLE', `answered HTTP ${status} to ${request.what}`);
    }
    if (status >= 300 && status < 400) {
      return this.#unclear(request, 'REDIRECTED', `redirected ${request.what} (HTTP ${status}), which is not followed`);
    }
    if (!isJson) {
      return this.#unclear(request, 'ANSWER_NOT_JSON', `answered ${request.what} with HTTP ${status} and no JSON`);
    }
    return undefined;
  }

  #rateRefused(request: BrokerRequest, { headers }: BrokerAnswer): TradeBotError {
    const { budget, clock, source } = this.options;
    const waitMs = retryAfterMs(headers, clock.now()) ?? RATE_PAUSE_MS;
    budget?.pauseFor(waitMs);
    return networkError('retry', {
      code: 'RATE_LIMITED',
      message: `${source} refused ${request.what} for the rate of calls (HTTP 429)`,
      remedy: `Nothing was done. It is sent again in ${Math.ceil(waitMs / 1_000)} s at the earliest.`,
      details: { waitMs },
    });
  }

  #noAnswer(request: BrokerRequest, exchanged: Exclude<Exchanged, { outcome: 'answered' }>): TradeBotError {
    const { source } = this.options;
    if (exchanged.outcome === 'not sent') {
      return networkError('retry', {
        code: 'NOT_SENT',
        message: `${request.what} was not sent: ${source} cannot be reached (${exchanged.cause})`,
        remedy: 'Check the network, the address of the broker and its status page.',
      });
    }
    return this.#unclear(request, 'NO_ANSWER', `did not answer ${request.what} (${exchanged.cause})`);
  }

  /** A read may be repeated; an order call may have been carried out. */
  #unclear(request: BrokerRequest, code: string, message: string): TradeBotError {
    const must: CallerMust = request.effect === 'order' ? 'reconcile' : 'retry';
    const remedy =
      must === 'reconcile'
        ? 'Its outcome is unknown: the broker is asked for the order by its client id before anything else.'
        : 'Ask again later. If it repeats, read the status page of the broker.';
    return networkError(must, { code, message: `${this.options.source} ${message}`, remedy });
  }
}

function jsonOf(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseExactJson(text) };
  } catch {
    return undefined;
  }
}

/** A refusal for the rate, or for want of budget, is repeated by the caller in its time. */
function mayReadAgain(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('callerMust' in error) || !('code' in error)) return false;
  return error.callerMust === 'retry' && error.code !== 'RATE_BUDGET_SPENT' && error.code !== 'RATE_LIMITED';
}
