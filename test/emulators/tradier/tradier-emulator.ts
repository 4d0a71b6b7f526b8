import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Decimal } from '../../../src/kernel/decimal.js';
import { MINUTE_MS, type Clock } from '../../../src/kernel/time.js';
import { EmulatedExchange } from '../exchange/exchange.js';
import { FaultPlan, type RequestFault } from '../exchange/fault-plan.js';
import { EmulatedMarket } from '../exchange/market.js';
import type { EmulatedSymbol } from '../exchange/types.js';
import { AccountRoutes } from './account-routes.js';
import { MarketFrames } from './market-frames.js';
import { OrderRoutes, type Form } from './orders.js';
import { Streams, type StreamKind } from './streams.js';
import { fault, ok, plain, type NothingStyle, type WireAnswer } from './wire.js';

export interface TradierEmulatorOptions {
  readonly clock: Clock;
  readonly cash?: Decimal;
  readonly symbols?: readonly EmulatedSymbol[];
  readonly token?: string;
  readonly accountNumber?: string;
  readonly seed?: number;
  /** Prices of whole days by seed; without them prices stand still until a test sets them. */
  readonly market?: boolean;
  readonly heartbeatMs?: number;
  /** The address to listen on; any free port by default. */
  readonly port?: number;
}

const dec = (text: string): Decimal => Decimal.parse(text);
const SYMBOLS: readonly EmulatedSymbol[] = [
  { symbol: 'SPY', price: dec('100.00') },
  { symbol: 'BRK/B', price: dec('410.00') },
  { symbol: 'THIN', price: dec('3.00'), shortable: false },
];
const SLOW_MS = 300;
const LIMITS: Readonly<Record<'orders' | 'reads' | 'market', number>> = { orders: 60, reads: 120, market: 120 };
const HTML: WireAnswer = { status: 200, body: '<html><body>We will be right back</body></html>', type: 'text/html' };

/** A request as it came. */
export interface SeenRequest {
  readonly name: string;
  readonly path: string;
  readonly form: Form;
}

/** The wire of Tradier on loopback: REST and websockets over an account of the emulated exchange. */
export class TradierEmulator {
  readonly exchange: EmulatedExchange;
  readonly faults: FaultPlan;
  readonly orders: OrderRoutes;
  readonly account: AccountRoutes;
  readonly streams: Streams;
  readonly market: EmulatedMarket | undefined;
  readonly accountNumber: string;
  token: string;
  nothing: NothingStyle = 'text';
  /** How a refusal for the rate is spelled. */
  quotaStatus: 429 | 400 = 429;
  /** Unit of the reset in headers. */
  resetIn: 'ms' | 's' = 'ms';
  readonly requests: SeenRequest[] = [];
  /** Answers by hand for the next requests of a name, in place of what the broker would answer. */
  readonly answers = new Map<string, WireAnswer[]>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #calls: Record<'orders' | 'reads' | 'market', number[]> = { orders: [], reads: [], market: [] };
  readonly #earlier = new Map<string, { now: WireAnswer; before: WireAnswer }>();
  #url = '';

  constructor(private readonly options: TradierEmulatorOptions) {
    const { clock, symbols = SYMBOLS, cash = dec('100000.00'), seed = 1 } = options;
    this.exchange = new EmulatedExchange({ clock, cash, symbols });
    this.faults = new FaultPlan(seed);
    this.token = options.token ?? 'emulated-token';
    this.accountNumber = options.accountNumber ?? 'VA000001';
    this.market =
      options.market === true
        ? new EmulatedMarket({ seed, clock, symbols: symbols.map(({ symbol }) => symbol) })
        : undefined;
    const { exchange, accountNumber, market } = this;
    this.account = new AccountRoutes({ exchange, accountNumber, market });
    this.orders = new OrderRoutes({ exchange, accountNumber, accountType: () => this.account.accountType });
    this.streams = new Streams({
      ...{ faults: this.faults, accountNumber, heartbeatMs: options.heartbeatMs ?? 1_000 },
      wireId: (id) => this.orders.wireId(exchange.order(id)),
    });
    exchange.on((event) => this.streams.event(event));
    if (market !== undefined) market.onMinute(new MarketFrames(this.streams).minute);
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.streams.attach(this.#server);
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<{ readonly url: string; readonly token: string; readonly accountNumber: string }> {
    await new Promise<void>((resolve) => this.#server.listen(this.options.port ?? 0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return { url: this.#url, token: this.token, accountNumber: this.accountNumber };
  }

  async stop(): Promise<void> {
    this.streams.stop();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Requests whose name begins so, such as `POST /orders`. */
  seen(name: string): readonly SeenRequest[] {
    return this.requests.filter((one) => one.name.startsWith(name));
  }

  /** Time has passed: the market reports the minutes that are over. */
  advance(): void {
    this.market?.advance(this.exchange);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = formOf(await bodyOf(request));
    const url = new URL(request.url ?? '/', this.#url);
    const path = url.pathname.replace(/^\/v1/, '');
    const short = path.replace(`/accounts/${this.accountNumber}`, '');
    const name = `${request.method ?? ''} ${short}`;
    this.requests.push({ name, path: `${path}${url.search}`, form });
    const wire = this.faults.request(name);
    if (wire === 'lose_request') {
      response.destroy();
      return;
    }
    const answer = this.#faulty(wire, name, () =>
      this.#answer(request, { name, path, short, form, query: url.searchParams }),
    );
    if (wire === 'silent') return;
    if (wire === 'lose_answer') {
      response.destroy();
      return;
    }
    if (wire === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    response.writeHead(answer.status, { 'content-type': answer.type, ...this.#limitHeaders(kindOf(name)) });
    response.end(answer.body);
  }

  #faulty(wire: RequestFault | undefined, name: string, work: () => WireAnswer): WireAnswer {
    if (wire === 'rate_limit') return this.#quota();
    if (wire === 'server_error') return fault(500, 'Datastore Error');
    const answer = this.answers.get(name)?.shift() ?? work();
    const known = this.#earlier.get(name);
    if (known === undefined) this.#earlier.set(name, { now: answer, before: answer });
    else if (known.now.body !== answer.body) this.#earlier.set(name, { now: answer, before: known.now });
    if (wire === 'html') return HTML;
    if (wire === 'garbage') return { ...answer, body: answer.body.slice(0, Math.max(1, answer.body.length - 3)) };
    return wire === 'stale' ? (this.#earlier.get(name)?.before ?? answer) : answer;
  }

  #answer(request: IncomingMessage, call: Call): WireAnswer {
    const { accept, authorization } = request.headers;
    if (authorization !== `Bearer ${this.token}`)
      return fault(401, 'Invalid Access Token', 'keymanagement.service.invalid_access_token');
    if (accept?.includes('json') !== true) return { status: 200, body: '<orders/>', type: 'application/xml' };
    const kind = kindOf(call.name);
    if (!this.#mayCall(kind)) return this.#quota();
    const { path, short } = call;
    if (path.startsWith('/accounts/') && path === short && !path.startsWith('/accounts/events')) {
      return plain(401, `Unauthorized Account: ${path.split('/')[2] ?? ''}`);
    }
    return this.#account(call) ?? this.#market(call) ?? fault(404, 'Not Found');
  }

  #account({ name, short, form, query }: Call): WireAnswer | undefined {
    const id = /^\w+ \/orders\/([^/]+)$/.exec(name)?.[1];
    const tags = query.get('includeTags') === 'true';
    const decorate = (order: object): object =>
      this.faults.unknownFields ? { ...order, zz_field: { new: true }, class: 'zz_class' } : order;
    if (id !== undefined && name.startsWith('GET')) return this.orders.detail(id, tags, decorate);
    if (id !== undefined && name.startsWith('PUT')) return this.orders.change(id, form);
    if (id !== undefined && name.startsWith('DELETE')) return this.orders.cancel(id);
    switch (name) {
      case 'GET /user/profile':
        return this.account.profile();
      case 'GET /orders':
        return this.orders.list(tags, this.nothing, decorate);
      case 'POST /orders':
        return this.orders.place(form);
      case 'GET /balances':
        return this.account.balances();
      case 'GET /positions':
        return this.account.positions(this.nothing);
      case 'GET /history':
        return this.account.history(query, this.nothing);
      case 'POST /accounts/events/session':
        return this.#session('accounts');
      default:
        return short === '/accounts' ? plain(404, 'Not Found') : undefined;
    }
  }

  #market({ name, form, query }: Call): WireAnswer | undefined {
    switch (name) {
      case 'GET /markets/quotes':
      case 'POST /markets/quotes':
        return this.account.quotes((query.get('symbols') ?? form['symbols'] ?? '').split(','));
      case 'GET /markets/clock':
        return this.account.clock();
      case 'GET /markets/calendar':
        return this.account.calendar(query);
      case 'GET /markets/etb':
        return this.account.easyToBorrow();
      case 'GET /markets/history':
        return this.account.dailyHistory(query);
      case 'GET /markets/timesales':
        return this.account.timesales(query);
      case 'POST /markets/events/session':
        return this.#session('markets');
      default:
        return undefined;
    }
  }

  #session(kind: StreamKind): WireAnswer {
    const url = `${this.#url.replace('http', 'ws')}/v1/${kind}/events`;
    return ok({ stream: { sessionid: this.streams.newSession(kind), url } });
  }

  #quota(): WireAnswer {
    const body = `Quota Violation: Expires ${this.exchange.now() + MINUTE_MS}`;
    return plain(this.quotaStatus, body);
  }

  #mayCall(kind: 'orders' | 'reads' | 'market'): boolean {
    const now = this.options.clock.now();
    const calls = this.#calls[kind].filter((at) => at > now - MINUTE_MS && at <= now);
    this.#calls[kind] = calls;
    if (calls.length >= LIMITS[kind]) return false;
    calls.push(now);
    return true;
  }

  #limitHeaders(kind: 'orders' | 'reads' | 'market'): Readonly<Record<string, string>> {
    const used = this.#calls[kind].length;
    const reset = this.options.clock.now() + MINUTE_MS;
    return {
      'X-Ratelimit-Allowed': String(LIMITS[kind]),
      'X-Ratelimit-Used': String(used),
      'X-Ratelimit-Available': String(LIMITS[kind] - used),
      'X-Ratelimit-Expiry': String(this.resetIn === 'ms' ? reset : Math.floor(reset / 1_000)),
    };
  }
}

interface Call {
  /** Method and path without the account. */
  readonly name: string;
  readonly path: string;
  readonly short: string;
  readonly form: Form;
  readonly query: URLSearchParams;
}

function kindOf(name: string): 'orders' | 'reads' | 'market' {
  if (name.includes('/markets/')) return 'market';
  return /^(?:POST|PUT|DELETE) \/orders/.test(name) ? 'orders' : 'reads';
}

function formOf(body: string): Form {
  return Object.fromEntries(new URLSearchParams(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
