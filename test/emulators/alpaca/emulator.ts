import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Decimal } from '../../../src/kernel/decimal.js';
import type { Clock } from '../../../src/kernel/time.js';
import { EmulatedExchange } from '../exchange/exchange.js';
import { FaultPlan, type RequestFault } from '../exchange/fault-plan.js';
import type { EmulatedMarket } from '../exchange/market.js';
import type { EmulatedSymbol } from '../exchange/types.js';
import { AccountRoutes } from './account-routes.js';
import { fault, type Answer, type Call } from './answer.js';
import { DataRoutes } from './data-routes.js';
import { DataStream } from './data-stream.js';
import { OrderRoutes } from './order-routes.js';
import { OrderStream } from './order-stream.js';

export interface AlpacaEmulatorOptions {
  readonly clock: Clock;
  readonly cash?: Decimal;
  readonly symbols: readonly EmulatedSymbol[];
  readonly seed?: number;
  /** Prices of whole days; without it prices are those of `symbols` until a test moves them. */
  readonly market?: EmulatedMarket;
}

const SLOW_MS = 150;

/** Alpaca on loopback: trading interface, trade_updates, market data; written from the public documents. */
export class AlpacaEmulator {
  readonly exchange: EmulatedExchange;
  readonly faults: FaultPlan;
  readonly orders: OrderRoutes;
  readonly account: AccountRoutes;
  readonly stream: OrderStream;
  readonly dataStream: DataStream;
  readonly data: DataRoutes;
  key = 'PKEMULATED';
  secretKey = 'emulated-secret';
  /** Requests that came, such as `POST /v2/orders`. */
  readonly requests: string[] = [];
  readonly bodies: string[] = [];
  /** What is answered to a call, such as `GET /v2/clock`, instead of what is true: by something before the broker. */
  readonly answers = new Map<string, Answer>();
  readonly #server: Server;
  readonly #before = new Map<string, Answer>();
  #url = '';

  constructor(options: AlpacaEmulatorOptions) {
    const { clock, cash = Decimal.of(100_000), symbols, seed = 1, market } = options;
    this.faults = new FaultPlan(seed);
    this.exchange = new EmulatedExchange({ clock, cash, symbols, uniqueClientIds: true });
    this.orders = new OrderRoutes(this.exchange);
    this.account = new AccountRoutes(
      this.exchange,
      () => clock.now(),
      () => {
        for (const order of this.exchange.openOrders()) this.exchange.cancel(order.id);
      },
    );
    const isKey = (key: unknown, secret: unknown): boolean => key === this.key && secret === this.secretKey;
    this.stream = new OrderStream({ clock, faults: this.faults, isKey });
    this.data = new DataRoutes(this.exchange, market);
    this.dataStream = new DataStream({ faults: this.faults, isKey });
    this.exchange.on((event) => this.stream.publish(event));
    market?.onMinute((slice) => this.dataStream.minute(slice));
    this.#server = createServer((request, response) => this.#receive(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      if (request.url === '/stream') this.stream.upgrade(request, socket, head);
      else if (request.url?.startsWith('/v2/') === true) this.dataStream.upgrade(request, socket, head);
      else socket.destroy();
    });
  }

  async start(port = 0): Promise<{ readonly url: string }> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return { url: this.#url };
  }

  get url(): string {
    return this.#url;
  }

  async stop(): Promise<void> {
    this.stream.close();
    this.dataStream.close();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Requests of a kind, such as `POST`. */
  count(start: string): number {
    return this.requests.filter((request) => request.startsWith(start)).length;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => this.#handle(request, response, Buffer.concat(parts).toString()));
  }

  #handle(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? '/', 'http://emulator');
    const name = `${request.method ?? ''} ${url.pathname}`;
    this.requests.push(name);
    if (body !== '') this.bodies.push(body);
    const wrong = this.faults.request(name);
    if (wrong === 'lose_request') return void request.socket.destroy();
    if (wrong === 'rate_limit') {
      this.#send(response, fault(429, 42910000, 'too many requests.'));
      return;
    }
    const given = (text: string): string | string[] | undefined => request.headers[text];
    const isKey = given('apca-api-key-id') === this.key && given('apca-api-secret-key') === this.secretKey;
    const call = { method: request.method ?? '', path: url.pathname, query: url.searchParams, body: parsed(body) };
    const answer = isKey ? this.#route(call) : fault(401, 40110000, 'request is not authorized');
    const key = `${request.method ?? ''} ${request.url ?? ''}`;
    const before = this.#before.get(key);
    this.#before.set(key, answer);
    this.#respond(request, response, { answer, wrong, before });
  }

  #respond(
    request: IncomingMessage,
    response: ServerResponse,
    {
      answer,
      wrong,
      before,
    }: { readonly answer: Answer; readonly wrong: RequestFault | undefined; readonly before: Answer | undefined },
  ): void {
    switch (wrong) {
      case 'lose_answer':
        request.socket.destroy();
        return;
      case 'silent':
        return;
      case 'slow':
        setTimeout(() => this.#send(response, answer), SLOW_MS);
        return;
      case 'server_error':
        response.writeHead(500, { 'content-type': 'text/plain' }).end('internal server error occurred');
        return;
      case 'html':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>be right back</body></html>');
        return;
      case 'garbage':
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer.body ?? {}).slice(0, -1));
        return;
      case 'stale':
        this.#send(response, before ?? answer);
        return;
      default:
        this.#send(response, answer);
    }
  }

  #route(call: Call): Answer {
    const given = this.answers.get(`${call.method} ${call.path}`);
    if (given !== undefined) return given;
    if (call.path.startsWith('/v2/orders')) return this.orders.answer(call);
    if (call.path.startsWith('/v2/stocks/')) return this.data.answer(call);
    return this.account.answer(call);
  }

  #send(response: ServerResponse, { status, body, headers }: Answer): void {
    const shown = this.faults.unknownFields && typeof body === 'object' && body !== null ? oddly(body) : body;
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-request-id': String(this.requests.length),
      ...headers,
    });
    response.end(shown === undefined ? undefined : JSON.stringify(shown));
  }
}

function parsed(body: string): Call['body'] {
  return body === '' ? {} : (JSON.parse(body) as Call['body']);
}

/** Fields that no document names. */
function oddly(body: object): unknown {
  if (Array.isArray(body)) return body.map((one: object) => oddly(one));
  const extra = Object.fromEntries(
    Array.from({ length: 10 }, (_one, n) => [`unknown_field_${n}`, { deep: [n, null] }]),
  );
  return { ...body, ...extra };
}
