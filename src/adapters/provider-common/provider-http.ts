import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { configError, dataError, networkError, type TradeBotError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import type { ProviderAnswer } from '../../ports/universe-provider.js';
import { exchangeOnce } from '../broker-common/http-exchange.js';
import { retryAfterMs } from '../broker-common/retry-after.js';

/** A refusal of a provider: its status, the beginning of what it says, and how long it asks to wait. */
export interface Refusal {
  readonly path: string;
  readonly status: number;
  readonly text: string;
  readonly waitMs: number | undefined;
}

export interface ProviderHttpOptions {
  /** Code of the provider, for messages. */
  readonly source: string;
  /** Address of the host of a path, without a slash at its end. */
  readonly baseOf: (path: string) => string;
  /** Headers of every call; they may hold secrets, which addresses never do. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** The verdict of the provider's own rules on an answer other than 2xx; undefined leaves it to the table. */
  readonly verdict?: (refusal: Refusal) => TradeBotError | ProviderAnswer | undefined;
}

const TIMEOUT_MS = 60_000;
/** Facts of a large company are some tens of megabytes. */
const MOST_BYTES = 128 * 1024 * 1024;
/** A minute is the window of every provider's limit. */
const LIMIT_PAUSE_MS = 60_000;
const MOST_SOCKETS = 4;

/** GET requests to a provider of data: each is sent once, redirects are refused, answers have a limit of time and size. */
export class ProviderHttp {
  readonly #agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: MOST_SOCKETS }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: MOST_SOCKETS }),
  };

  constructor(private readonly options: ProviderHttpOptions) {}

  /** The text of an answer. Throws NetworkError `retry`, or ConfigError `refuse` for what no repetition changes. */
  async get(path: string): Promise<ProviderAnswer> {
    const { source, baseOf, headers, clock } = this.options;
    const base = baseOf(path);
    const answer = await exchangeOnce({
      url: `${base}${path.split('#')[0] ?? ''}`,
      method: 'GET',
      headers: { accept: 'application/json', ...headers() },
      agent: base.startsWith('https:') ? this.#agents.https : this.#agents.http,
      ...{ timeoutMs: TIMEOUT_MS, mostBytes: MOST_BYTES },
    });
    if (answer.outcome !== 'answered') throw again(source, path, `gave no answer (${answer.cause})`);
    const { status, text } = answer;
    if (status >= 200 && status < 300) return { kind: 'text', text };
    const refusal = { path, status, text: text.slice(0, 300), waitMs: retryAfterMs(answer.headers, clock.now()) };
    const own = this.options.verdict?.(refusal);
    if (own instanceof Error) throw own;
    return own ?? byTable(source, refusal);
  }

  /** Ends kept connections. */
  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }
}

function byTable(source: string, refusal: Refusal): ProviderAnswer {
  const { path, status } = refusal;
  if (status === 404) return { kind: 'none', why: 'NOT_FOUND' };
  if (status === 429) throw tooManyCalls(source, refusal);
  if (status === 401) throw keyRefused(source, status);
  if (status === 408 || status >= 500 || (status >= 300 && status < 400))
    throw again(source, path, `answered HTTP ${status}`);
  throw configError({
    code: 'PROVIDER_REFUSED',
    message: `${source} refuses ${path} (HTTP ${status})`,
    remedy: 'Check the address and the plan of this provider under the secret "screener_api".',
  });
}

/** A refusal for too many calls: the whole provider pauses. */
export function tooManyCalls(
  source: string,
  { path, status, waitMs }: Refusal,
  usualMs = LIMIT_PAUSE_MS,
): TradeBotError {
  return networkError('retry', {
    code: 'PROVIDER_LIMIT',
    message: `${source} refuses ${path} for too many calls (HTTP ${status})`,
    remedy: 'Nothing has to be done: all calls to it wait. Another program with the same key uses up its calls.',
    details: { pauseMs: waitMs ?? usualMs },
  });
}

export function keyRefused(source: string, status: number): TradeBotError {
  return configError({
    code: 'PROVIDER_KEY_REFUSED',
    message: `${source} refuses the key (HTTP ${status})`,
    remedy: 'Enter a valid key of this provider under the secret "screener_api".',
  });
}

function again(source: string, path: string, what: string): TradeBotError {
  return networkError('retry', {
    code: 'PROVIDER_NO_ANSWER',
    message: `${source} ${what} to ${path}`,
    remedy: 'Check the network and the status page of the provider.',
  });
}

/** A text that is no answer to its request: a page of HTML, a list where an object was asked for. It is asked for again. */
export function notAnAnswer(source: string, path: string, why: string): TradeBotError {
  return dataError({
    code: 'PROVIDER_ANSWER',
    message: `${source} answered ${path} with something else: ${why}`,
    remedy: 'Ask again later. If it repeats, the provider has changed its interface: update TradeBot.',
  });
}
