import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { averagePrice } from '../exchange/exchange.js';
import type { FaultPlan } from '../exchange/fault-plan.js';
import type { ExchangeEvent } from '../exchange/types.js';
import { jsonText, num } from './wire.js';
import { Decimal } from '../../../src/kernel/decimal.js';

export type StreamKind = 'accounts' | 'markets';

interface Session {
  readonly kind: StreamKind;
  expired: boolean;
  socket: WebSocket | undefined;
  /** What the client subscribed to. */
  symbols: readonly string[];
}

export interface StreamsOptions {
  readonly faults: FaultPlan;
  readonly accountNumber: string;
  readonly wireId: (id: string) => string;
  readonly heartbeatMs: number;
}

/** The websockets: sessions that are made by REST, one of each kind at a time. */
export class Streams {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #sessions = new Map<string, Session>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #made = 0;
  /** `executed_quantity` as older pages have it, or `exec_quantity`. */
  quantityName: 'exec_quantity' | 'executed_quantity' = 'executed_quantity';
  /** Connections that were accepted. */
  connections = 0;

  constructor(private readonly options: StreamsOptions) {
    const beat = setInterval(() => this.#heartbeat(), options.heartbeatMs);
    this.#timers.add(beat);
  }

  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const kind = /^\/v1\/(accounts|markets)\/events$/.exec(request.url ?? '')?.[1];
      if (kind !== 'accounts' && kind !== 'markets') {
        socket.destroy();
        return;
      }
      this.#server.handleUpgrade(request, socket, head, (line) => this.#opened(kind, line));
    });
  }

  /** A new session ends the one before it: one lives at a time. */
  newSession(kind: StreamKind): string {
    for (const session of this.#sessions.values()) {
      if (session.kind !== kind) continue;
      session.expired = true;
      session.socket?.close();
    }
    this.#made += 1;
    const id = `${kind}-session-${this.#made}`;
    this.#sessions.set(id, { kind, expired: false, socket: undefined, symbols: [] });
    return id;
  }

  /** Every session of the kind ends now, with the error that the broker writes. */
  expire(kind: StreamKind): void {
    for (const session of this.#live(kind)) {
      session.expired = true;
      session.socket?.send(jsonText({ error: 'Session not found' }));
      session.socket?.close();
    }
  }

  /** Connections of the kind end without a word. */
  cut(kind: StreamKind): void {
    for (const { socket } of this.#live(kind)) socket?.terminate();
  }

  isOpen(kind: StreamKind): boolean {
    return this.#live(kind).some(({ socket }) => socket?.readyState === 1);
  }

  /** An event of an order on the stream of the account. */
  event({ kind, at, order, execution }: ExchangeEvent): void {
    if (kind === 'received') return;
    const average = averagePrice(order) ?? Decimal.ZERO;
    this.send('accounts', `order ${kind}`, {
      ...{
        id: num(Number(this.options.wireId(order.id))),
        event: 'order',
        status: kind === 'fill' ? 'filled' : 'open',
        type: order.ask.type,
      },
      ...{ price: num(order.limitPrice ?? Decimal.ZERO), stop_price: num(order.stopPrice ?? Decimal.ZERO) },
      ...{ avg_fill_price: num(average), [this.quantityName]: num(order.filled) },
      ...{ last_fill_quantity: num(execution?.quantity ?? Decimal.ZERO), remaining_quantity: num(Decimal.ZERO) },
      transaction_date: new Date(at).toISOString(),
      create_date: new Date(order.createdAt).toISOString(),
      account: this.options.accountNumber,
    });
  }

  /** Sends to every client of a kind that wants it, through the fault plan. */
  send(
    kind: StreamKind,
    name: string,
    message: object,
    wants: (symbols: readonly string[]) => boolean = () => true,
  ): void {
    const text = jsonText(message);
    for (const { socket, symbols } of this.#live(kind)) {
      if (socket === undefined || !wants(symbols)) continue;
      switch (this.options.faults.frame(`${kind} ${name}`)) {
        case 'drop':
          break;
        case 'repeat':
          socket.send(text);
          socket.send(text);
          break;
        case 'delay':
        case 'reorder':
          this.#later(() => socket.send(text));
          break;
        case 'disconnect':
          socket.terminate();
          break;
        case undefined:
          socket.send(text);
      }
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { socket } of this.#sessions.values()) socket?.terminate();
    this.#server.close();
  }

  #opened(kind: StreamKind, line: WebSocket): void {
    this.connections += 1;
    line.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as { sessionid?: string; symbols?: string[] };
      const session = this.#sessions.get(message.sessionid ?? '');
      if (session?.kind !== kind || session.expired) {
        line.send(jsonText({ error: 'Session not found' }));
        line.close();
        return;
      }
      session.socket = line;
      session.symbols = message.symbols ?? [];
    });
  }

  #heartbeat(): void {
    for (const { socket } of this.#live('accounts')) {
      socket?.send(jsonText({ event: 'heartbeat', status: 'active', timestamp: num(0) }));
    }
  }

  #live(kind: StreamKind): readonly Session[] {
    return [...this.#sessions.values()].filter((one) => one.kind === kind && !one.expired);
  }

  #later(act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, 20);
    this.#timers.add(timer);
  }
}
