import { canonicalSymbol, type ClientOrderId, type TickerSymbol } from '../../events/names.js';
import type { Clock, DateText } from '../../kernel/time.js';
import type { OrderRequest } from '../../ports/order-entry.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import { Fields } from '../broker-common/fields.js';
import { causeText } from '../files/system-error.js';
import { networkError } from '../../kernel/errors.js';
import { BrokerHttp, type BrokerAnswer, type BrokerRequest } from '../broker-common/http-client.js';
import type { CallUse, RateBudget } from '../broker-common/rate-budget.js';
import { alpacaHosts } from './hosts.js';
import { orderBody, readOrder, type AlpacaOrder } from './orders.js';
import { hasEnded, keyVerdict, refusalOf, saysNoPosition, saysNotFound, unclear404 } from './refusals.js';

export interface AlpacaRestOptions {
  readonly account: BrokerAccountAddress;
  readonly clock: Clock;
  readonly raw: RawFrames;
  readonly budget: RateBudget;
  readonly timeoutMs?: number;
  /** Called when the key is refused, before the call throws its error. */
  readonly onKeyRefused?: (reason: string) => void;
}

/** Reads are asked again at once after a fault that passes. */
const READ_TRIES = 2;
const UNAUTHORIZED = 401;

/** Headers of every call of Alpaca, which hold its keys. */
export function alpacaHeaders({ apiKey, secretKey }: BrokerAccountAddress): Readonly<Record<string, string>> {
  return { 'apca-api-key-id': apiKey.reveal(), 'apca-api-secret-key': secretKey.reveal() };
}

/** One line of a 207: what became of one order or one symbol. */
export interface BulkLine {
  readonly name: string;
  readonly isDone: boolean;
  readonly order: AlpacaOrder | undefined;
  readonly answer: BrokerAnswer;
}

/** The trading interface of Alpaca, version 2: one function for each call. */
export class AlpacaRest {
  readonly #http: BrokerHttp;

  constructor(options: AlpacaRestOptions) {
    const { account, clock, raw, budget, timeoutMs, onKeyRefused } = options;
    this.#http = new BrokerHttp({
      source: 'ALPACA',
      baseUrl: alpacaHosts(account.url).rest,
      headers: () => alpacaHeaders(account),
      clock,
      raw,
      budget,
      verdict: (answer, request) => {
        const fault = keyVerdict(answer, request);
        if (answer.status === UNAUTHORIZED && fault !== undefined) onKeyRefused?.(fault.message);
        return fault;
      },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  close(): void {
    this.#http.close();
  }

  async account(): Promise<Fields> {
    return Fields.of((await this.#read('/v2/account', 'the account')).value, 'account');
  }

  /** Undefined when Alpaca has no such order. */
  async orderByClientId(id: ClientOrderId): Promise<AlpacaOrder | undefined> {
    return this.#order(`/v2/orders:by_client_order_id?client_order_id=${encodeURIComponent(id)}`, `order ${id}`);
  }

  async orderById(id: string): Promise<AlpacaOrder | undefined> {
    return this.#order(`/v2/orders/${encodeURIComponent(id)}`, `order ${id} of the broker`);
  }

  async orders(query: Readonly<Record<string, string>>): Promise<readonly AlpacaOrder[]> {
    const answer = await this.#read(`/v2/orders?${new URLSearchParams(query).toString()}`, 'the list of orders');
    return listOf(answer).map((order) => readOrder(order, answer.rawSha256));
  }

  /** Sends an order once. @throws BrokerError refuse, NetworkError retry (not sent) or reconcile (unknown) */
  async submit(order: OrderRequest): Promise<AlpacaOrder> {
    const use = order.positionEffect.startsWith('close') ? 'closing' : 'ordinary';
    const what = `order ${order.clientOrderId}`;
    const answer = await this.#act({ method: 'POST', path: '/v2/orders', body: orderBody(order), what, use });
    return understood(what, () => readOrder(answer.value, answer.rawSha256));
  }

  /** Resolves to false when the order cannot be cancelled any more. */
  async cancel(orderId: string, what: string): Promise<boolean> {
    const path = `/v2/orders/${encodeURIComponent(orderId)}`;
    const answer = await this.#http.send({
      method: 'DELETE',
      path,
      what: `the cancel of ${what}`,
      use: 'closing',
      effect: 'order',
    });
    if (answer.status >= 200 && answer.status < 300) return true;
    if (hasEnded(answer)) return false;
    if (answer.status === 404) throw unclear404(answer, `the cancel of ${what}`);
    throw refusalOf(answer, `the cancel of ${what}`);
  }

  async cancelAll(): Promise<readonly BulkLine[]> {
    const what = 'the cancel of all orders';
    const answer = await this.#act({ method: 'DELETE', path: '/v2/orders', what, use: 'closing' });
    return understood(what, () => bulkLines(answer, 'id'));
  }

  async closeAll(): Promise<readonly BulkLine[]> {
    const what = 'the close of all positions';
    const path = '/v2/positions?cancel_orders=true';
    const answer = await this.#act({ method: 'DELETE', path, what, use: 'closing' });
    return understood(what, () => bulkLines(answer, 'symbol'));
  }

  async replace(orderId: string, change: Readonly<Record<string, string>>, what: string): Promise<AlpacaOrder> {
    const path = `/v2/orders/${encodeURIComponent(orderId)}`;
    const answer = await this.#act({ method: 'PATCH', path, body: JSON.stringify(change), what, use: 'closing' });
    return understood(what, () => readOrder(answer.value, answer.rawSha256));
  }

  async positions(): Promise<readonly Fields[]> {
    return this.#positionList('ordinary');
  }

  /**
   * The position in a symbol as a list of one, or of none when Alpaca says itself that there is none. An answer that does not say so
   * clearly, or that is of another symbol, is no answer: the whole list decides.
   */
  async positionIn(symbol: TickerSymbol): Promise<readonly Fields[]> {
    const what = `the position in ${symbol}`;
    const path = `/v2/positions/${encodeURIComponent(symbol)}`;
    const answer = await this.#send(path, what, 'closing');
    if (answer.status === 404) return saysNoPosition(answer) ? [] : this.#positionList('closing');
    const position = Fields.of(good(answer, what).value, 'position');
    return canonicalSymbol(position.textOr('symbol', '')) === symbol ? [position] : this.#positionList('closing');
  }

  async activities(type: string, query: Readonly<Record<string, string>>): Promise<BrokerAnswer> {
    return this.#read(
      `/v2/account/activities${type}?${new URLSearchParams(query).toString()}`,
      'the records of the account',
    );
  }

  async asset(symbol: TickerSymbol): Promise<Fields | undefined> {
    const answer = await this.#readOr404(`/v2/assets/${encodeURIComponent(symbol)}`, `the asset ${symbol}`);
    return answer === undefined ? undefined : Fields.of(answer.value, 'asset');
  }

  async clock(): Promise<Fields> {
    return Fields.of((await this.#read('/v2/clock', 'the clock')).value, 'clock');
  }

  async calendar(date: DateText): Promise<readonly Fields[]> {
    return Fields.listOf(
      (await this.#read(`/v2/calendar?start=${date}&end=${date}`, 'the calendar')).value,
      'calendar',
    );
  }

  async #order(path: string, what: string): Promise<AlpacaOrder | undefined> {
    const answer = await this.#readOr404(path, what);
    return answer === undefined ? undefined : readOrder(answer.value, answer.rawSha256);
  }

  async #readOr404(path: string, what: string): Promise<BrokerAnswer | undefined> {
    const answer = await this.#send(path, what);
    if (answer.status !== 404) return good(answer, what);
    if (saysNotFound(answer)) return undefined;
    throw unclear404(answer, what);
  }

  async #positionList(use: CallUse): Promise<readonly Fields[]> {
    return Fields.listOf(
      good(await this.#send('/v2/positions', 'the positions', use), 'the positions').value,
      'position',
    );
  }

  async #read(path: string, what: string): Promise<BrokerAnswer> {
    return good(await this.#send(path, what), what);
  }

  async #send(path: string, what: string, use: CallUse = 'ordinary'): Promise<BrokerAnswer> {
    return this.#http.send({ method: 'GET', path, what, use, effect: 'read', tries: READ_TRIES });
  }

  async #act(request: Omit<BrokerRequest, 'effect'>): Promise<BrokerAnswer> {
    return good(await this.#http.send({ ...request, effect: 'order' }), request.what);
  }
}

function good(answer: BrokerAnswer, what: string): BrokerAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refusalOf(answer, what);
}

/** What was carried out is not refused because its answer cannot be read: its outcome is unknown. */
function understood<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw networkError('reconcile', {
      code: 'ANSWER_UNREADABLE',
      message: `ALPACA carried out ${what}, and its answer cannot be read: ${causeText(error)}`,
      remedy: 'The broker is asked for it by its client id before anything else.',
      cause: error,
    });
  }
}

/** The rows of an answer. @throws DataError FIELD_UNREADABLE when it is no list: never an empty one */
function listOf(answer: BrokerAnswer): readonly unknown[] {
  Fields.listOf(answer.value, 'list');
  return answer.value as readonly unknown[];
}

function bulkLines(answer: BrokerAnswer, nameField: string): readonly BulkLine[] {
  // an account without orders or positions answers with nothing at all
  if (answer.value === undefined) return [];
  return Fields.listOf(answer.value, 'line of a bulk answer').map((line) => {
    const status = Number(line.text('status'));
    const isDone = status >= 200 && status < 300;
    const body = line.raw('body');
    const hasOrder = isDone && Fields.of(body ?? {}, 'order').has('id');
    return {
      name: line.text(nameField),
      isDone,
      order: hasOrder ? readOrder(body, answer.rawSha256) : undefined,
      answer: { ...answer, status, value: body },
    };
  });
}
