import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultPlan } from '../exchange/fault-plan.js';

/** What a provider knows of a company; figures in plain units, which each wire writes in its own. */
export interface Company {
  readonly symbol: string;
  readonly name?: string;
  /** Market code: XNYS, XNAS, ARCX, OOTC. */
  readonly mic: string;
  readonly tradable?: boolean;
  readonly price?: string;
  readonly volume?: number;
  /** Millions of dollars. */
  readonly capMillions?: string;
  readonly cik?: number;
  readonly pe?: string | null;
  readonly eps?: string;
  readonly debtEquity?: string;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Route = (query: URLSearchParams, request: IncomingMessage, path: string) => Reply;

/** Writes a value as JSON; a text in `#...#` becomes a bare number, so that figures are sent digit by digit. */
export function json(value: unknown, status = 200): Reply {
  return { status, body: JSON.stringify(value).replace(/"#(-?[0-9.]+)#"/g, '$1') };
}

export const bare = (digits: string | number): string => `#${digits}#`;

/** GET routes on loopback, with faults of the wire by plan, and with the limit of calls that the provider enforces. */
export abstract class ProviderServer {
  readonly faults = new FaultPlan();
  /** Paths as they came, with their query. */
  readonly calls: string[] = [];
  /** Calls that were refused for their rate. */
  refused = 0;
  readonly #times: number[] = [];
  #server: Server | undefined;

  constructor(
    private readonly limit: { readonly perMinute: number; readonly perSecond: number },
    private readonly elapsedMs: () => number = () => performance.now(),
  ) {}

  /** As if nobody had called yet, without faults. */
  reset(): void {
    this.faults.clear();
    this.faults.drawn.length = 0;
    this.calls.length = 0;
    this.#times.length = 0;
    this.refused = 0;
  }

  async start(): Promise<{ readonly url: string }> {
    const server = createServer((request, response) => this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  protected abstract route(path: string): Route | undefined;
  protected abstract tooMany(): Reply;
  protected abstract unauthorized(request: IncomingMessage): Reply | undefined;

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://emulator');
    this.calls.push(`${url.pathname}${url.search}`);
    const fault = this.faults.request(`GET ${url.pathname}${url.search}`);
    if (fault === 'lose_request' || fault === 'lose_answer') {
      request.socket.destroy();
      return;
    }
    const { status, body, headers = {} } = this.#faulty(fault) ?? this.#reply(url, request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  }

  #faulty(fault: string | undefined): Reply | undefined {
    if (fault === 'rate_limit') return this.tooMany();
    if (fault === 'server_error') return { status: 503, body: '<html>upstream</html>' };
    if (fault === 'html') return { status: 200, body: '<!DOCTYPE html><html>maintenance</html>' };
    if (fault === 'garbage') return { status: 200, body: '{"c":1' };
    if (fault === 'stale') return { status: 302, body: '', headers: { location: '/login' } };
    return undefined;
  }

  #reply(url: URL, request: IncomingMessage): Reply {
    if (!this.#withinLimit()) {
      this.refused += 1;
      return this.tooMany();
    }
    const refusal = this.unauthorized(request);
    if (refusal !== undefined) return refusal;
    const route = this.route(url.pathname);
    return route === undefined ? json({ error: 'not found' }, 404) : route(url.searchParams, request, url.pathname);
  }

  #withinLimit(): boolean {
    const now = this.elapsedMs();
    const since = (ms: number): number => this.#times.filter((at) => now - at < ms).length;
    if (since(60_000) >= this.limit.perMinute || since(1_000) >= this.limit.perSecond) return false;
    this.#times.push(now);
    return true;
  }
}
