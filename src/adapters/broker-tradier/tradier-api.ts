import { brokerError, configError, networkError } from '../../kernel/errors.js';
import type { Clock, DateText } from '../../kernel/time.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import { BrokerHttp, type BrokerAnswer, type BrokerRequest } from '../broker-common/http-client.js';
import { RateBudget, type CallUse } from '../broker-common/rate-budget.js';
import type { TradierAddress } from './address.js';
import { isMembers, listOf, neededText, objectOf, textOf, type Members } from './shapes.js';
import { errorsOf, quotaWaitMs, refusedBy, verdictOn } from './verdict.js';

export interface TradierApiOptions {
  readonly account: BrokerAccountAddress;
  readonly address: TradierAddress;
  readonly clock: Clock;
  readonly raw: RawFrames;
  readonly timeoutMs?: number;
}

/** Placing, changing and cancelling orders: calls in a minute, and those of them that only closing and cancelling may use. */
export const ORDER_CALLS = { perMinute: 60, reserved: 20 } as const;
/** Of the reads of a minute, this share is for questions; the steady look at the orders leaves it alone. */
const SHARE_OF_QUESTIONS = 0.25;
const FORM = 'application/x-www-form-urlencoded';
/** A read is asked again this many times when no readable answer comes. */
const READ_TRIES = 2;

/** A session of a stream: what opens it, and where. */
export interface StreamSession {
  readonly sessionId: string;
  readonly url: string | undefined;
}

type Form = Readonly<Record<string, string>>;
type Kind = 'orders' | 'reads' | 'market';

/** An answer with its value, which is no list of errors. */
export type ApiAnswer = Pick<BrokerAnswer, 'value' | 'rawSha256'>;

/**
 * The REST interface of the broker: paths, forms, limits and verdicts. The number of the account is part of addresses only below
 * this class, and is taken out of what the broker writes.
 */
export class TradierApi {
  readonly orderCalls: RateBudget;
  readonly #reads: RateBudget;
  readonly #market: RateBudget;
  #number: string | undefined;
  #open = new Map<string, BrokerHttp>();

  constructor(private readonly options: TradierApiOptions) {
    const { address, clock } = options;
    const { readsPerMinute: perMinute } = address;
    this.orderCalls = new RateBudget({ ...ORDER_CALLS, clock });
    this.#reads = new RateBudget({ perMinute, reserved: Math.ceil(perMinute * SHARE_OF_QUESTIONS), clock });
    this.#market = new RateBudget({ perMinute, reserved: 0, clock });
  }

  /** Whether half the reads of a minute are used. */
  get isHalfUsed(): boolean {
    return this.#reads.room('closing').left * 2 <= this.options.address.readsPerMinute;
  }

  /** The number of the account: the one that was set, or the only one of the token. @throws ConfigError, BrokerError */
  async accountNumber(): Promise<string> {
    if (this.#number !== undefined) return this.#number;
    const numbers = (await this.profileAccounts()).map((one) => neededText(one, 'account_number'));
    const wanted = this.options.account.accountNumber?.reveal() ?? '';
    const [only, ...others] = numbers;
    const number = wanted === '' ? only : wanted;
    if (number === undefined || (wanted === '' && others.length > 0) || (wanted !== '' && !numbers.includes(wanted))) {
      throw configError({
        code: 'BROKER_ACCOUNT_UNKNOWN',
        message: `the access token of TRADIER opens ${numbers.length} accounts, ${wanted === '' ? 'and none is chosen' : 'not the chosen one'}`,
        remedy: 'Set BROKER_ACCOUNT_NUMBER to one of its accounts. Practice and live accounts have different tokens.',
      });
    }
    this.#number = number;
    return number;
  }

  /** The accounts of the token. */
  async profileAccounts(): Promise<readonly Members[]> {
    const profile = objectOf(await this.#read('/user/profile', 'the profile'), 'profile');
    return listOf({ account: { account: profile['account'] } }, 'account', 'account');
  }

  /** The balances of the account. */
  async balances(): Promise<Members> {
    return objectOf(await this.#readAccount('/balances', 'the balances'), 'balances');
  }

  async positions(): Promise<readonly Members[]> {
    return listOf(await this.#readAccount('/positions', 'the positions'), 'positions', 'position');
  }

  /** The orders of today and older ones that are open. `use`: the steady look leaves a share of the reads to questions. */
  async orders(use: CallUse): Promise<ApiAnswer> {
    return this.#ask('reads', await this.#accountPath(), {
      ...GET,
      path: '/orders?includeTags=true',
      what: 'the list of orders',
      use,
      // the steady look comes again by itself
      tries: use === 'closing' ? READ_TRIES : 1,
    });
  }

  /** One order. @throws BrokerError UNKNOWN_ORDER (refuse) */
  async order(id: string): Promise<ApiAnswer> {
    return this.#ask('reads', await this.#accountPath(), {
      ...GET,
      path: `/orders/${encodeURIComponent(id)}?includeTags=true`,
      what: `order ${id}`,
    });
  }

  /** Places an order, once, and returns its id at the broker. @throws NetworkError reconcile when the outcome is unknown */
  async place(form: Form, what: string, use: CallUse): Promise<string> {
    const request = {
      method: 'POST',
      path: '/orders',
      body: formText(form),
      contentType: FORM,
      what,
      use,
      effect: 'order',
    } as const;
    return this.#orderId(await this.#ask('orders', await this.#accountPath(), request), what);
  }

  /** Changes type, duration and prices of an order, which keeps its id. */
  async change(id: string, form: Form, what: string): Promise<void> {
    const request = {
      method: 'PUT',
      path: `/orders/${encodeURIComponent(id)}`,
      body: formText(form),
      contentType: FORM,
      what,
      effect: 'order',
    } as const;
    this.#orderId(await this.#ask('orders', await this.#accountPath(), request), what);
  }

  /** Asks for the cancel of an order. @throws BrokerError ORDER_HAS_ENDED, UNKNOWN_ORDER (refuse) */
  async cancel(id: string, what: string): Promise<void> {
    const request = {
      method: 'DELETE',
      path: `/orders/${encodeURIComponent(id)}`,
      what,
      use: 'closing',
      effect: 'order',
    } as const;
    this.#orderId(await this.#ask('orders', await this.#accountPath(), request), what);
  }

  /** A page of the history of the account, from 1. */
  async history(start: string, page: number, limit: number): Promise<ApiAnswer> {
    const query = `?${formText({ page: String(page), limit: String(limit), start })}`;
    return this.#ask('reads', await this.#accountPath(), {
      ...GET,
      path: `/history${query}`,
      what: 'the history of the account',
    });
  }

  async quotes(symbols: readonly string[]): Promise<readonly Members[]> {
    const path = `/markets/quotes?${formText({ symbols: symbols.join(','), greeks: 'false' })}`;
    return listOf(await this.#read(path, 'quotes', 'market'), 'quotes', 'quote', ['unmatched_symbols']);
  }

  /** The clock of the market. */
  async clock(): Promise<Members> {
    return objectOf(await this.#read('/markets/clock', 'the clock', 'market'), 'clock');
  }

  /** The days of a month. */
  async calendar(year: string, month: string): Promise<readonly Members[]> {
    const path = `/markets/calendar?${formText({ month, year })}`;
    const { days } = objectOf(await this.#read(path, 'the calendar', 'market'), 'calendar');
    return listOf({ days }, 'days', 'day');
  }

  /** Symbols that are easy to borrow. */
  async easyToBorrow(): Promise<readonly Members[]> {
    return listOf(await this.#read('/markets/etb', 'the easy-to-borrow list', 'market'), 'securities', 'security');
  }

  /** A new session of the stream of account events. The answer is a credential: it is not kept. */
  accountSession(): Promise<StreamSession> {
    return this.#session('/accounts/events/session', 'reads');
  }

  /** A new session of the stream of market data. The answer is a credential: it is not kept. */
  marketSession(): Promise<StreamSession> {
    return this.#session('/markets/events/session', 'market');
  }

  /** Days of a symbol. */
  async dailyBars(symbol: string, start: DateText, end: DateText): Promise<readonly Members[]> {
    const path = `/markets/history?${formText({ symbol, interval: 'daily', start, end })}`;
    return listOf(await this.#read(path, `the days of ${symbol}`, 'market'), 'history', 'day');
  }

  /** Minutes of a symbol, between two times in New York. */
  async minutes(symbol: string, start: string, end: string): Promise<readonly Members[]> {
    const path = `/markets/timesales?${formText({ symbol, interval: '1min', start, end, session_filter: 'all' })}`;
    return listOf(await this.#read(path, `the minutes of ${symbol}`, 'market'), 'series', 'data');
  }

  async #session(path: string, kind: Kind): Promise<StreamSession> {
    const request = {
      method: 'POST',
      path,
      body: '',
      contentType: FORM,
      what: 'a session of a stream',
      effect: 'read',
      isSecret: true,
    } as const;
    const stream = objectOf((await this.#ask(kind, '', request)).value, 'stream');
    return { sessionId: neededText(stream, 'sessionid'), url: textOf(stream, 'url') };
  }

  /** Takes secrets out of what the broker writes. */
  clean(text: string): string {
    const number = this.#number ?? this.options.account.accountNumber?.reveal() ?? '';
    return number === '' ? text : text.replaceAll(number, '***');
  }

  close(): void {
    for (const http of this.#open.values()) http.close();
    this.#open.clear();
  }

  async #accountPath(): Promise<string> {
    return `/accounts/${encodeURIComponent(await this.accountNumber())}`;
  }

  async #read(path: string, what: string, kind: Kind = 'reads'): Promise<unknown> {
    return (await this.#ask(kind, '', { ...GET, path, what })).value;
  }

  async #readAccount(path: string, what: string): Promise<unknown> {
    return (await this.#ask('reads', await this.#accountPath(), { ...GET, path, what })).value;
  }

  async #ask(kind: Kind, base: string, request: BrokerRequest): Promise<BrokerAnswer> {
    const answer = await this.#http(kind, base).send(request);
    const errors = errorsOf(answer.value);
    if (errors === undefined) return answer;
    const words = this.clean(errors.join('; ').slice(0, 300));
    if (request.effect === 'order') throw refusedBy(request.what, words);
    throw brokerError('retry', {
      code: 'BROKER_ERRORS',
      message: `TRADIER answered ${request.what} with errors: ${words}`,
      remedy: 'Ask again. If it stays so, ask the broker what it means.',
    });
  }

  /** The id in the answer to an order call; without one nobody knows what became of the call. */
  #orderId({ value }: ApiAnswer, what: string): string {
    const order = isMembers(value) ? value['order'] : undefined;
    const id = isMembers(order) ? textOf(order, 'id') : undefined;
    if (id !== undefined) return id;
    throw networkError('reconcile', {
      code: 'ORDER_ANSWER_UNREADABLE',
      message: `TRADIER answered ${what} without an order id`,
      remedy: 'Its outcome is unknown: the broker is asked for the order by its tag before anything else.',
    });
  }

  /** One pool of connections for each kind of calls, so that questions never stand in the way of orders. */
  #http(kind: Kind, base: string): BrokerHttp {
    const key = `${kind} ${base}`;
    let http = this.#open.get(key);
    if (http === undefined) {
      const { account, address, clock, raw, timeoutMs } = this.options;
      const budget = { orders: this.orderCalls, reads: this.#reads, market: this.#market }[kind];
      http = new BrokerHttp({
        source: 'TRADIER',
        baseUrl: `${address.restUrl}${base}`,
        headers: () => ({ authorization: `Bearer ${account.apiKey.reveal()}` }),
        clock,
        raw,
        budget,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        verdict: (answer, { method, path, what }) => {
          const fault = verdictOn({ ...answer, method, path, what }, (text) => this.clean(text));
          if (fault?.code === 'RATE_LIMITED') budget.pauseFor(quotaWaitMs(answer, clock.now()));
          return fault;
        },
      });
      this.#open.set(key, http);
    }
    return http;
  }
}

const GET = { method: 'GET', effect: 'read', use: 'closing', tries: READ_TRIES } as const;

function formText(form: Form): string {
  return new URLSearchParams(form).toString();
}
