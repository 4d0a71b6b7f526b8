import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../../../src/kernel/time.js';
import type { FaultPlan } from '../exchange/fault-plan.js';
import type { ExchangeEvent } from '../exchange/types.js';
import { updateJson } from './wire.js';

export interface StreamOptions {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  readonly isKey: (key: unknown, secret: unknown) => boolean;
}

/** A connection that died without a close keeps its slot for so long. */
const SLOT_MS = 90_000;

interface Member {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly action?: string;
}

/** The stream trade_updates: one connection for a key. */
export class OrderStream {
  /** The paper host sends binary frames, the live host text. */
  binary = true;
  /** Frames that left, as they were. */
  readonly sent: string[] = [];
  /** Whether a new connection is refused while the slot of a dead one is not free, in milliseconds of the clock. */
  slotMs = 0;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #listeners = new Set<WebSocket>();
  #deadAt: number | undefined;
  #held: string | undefined;

  constructor(private readonly options: StreamOptions) {}

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // a client that gives up resets the connection
    socket.on('error', () => socket.destroy());
    const { clock } = this.options;
    const isBusy = this.#deadAt !== undefined && clock.now() < this.#deadAt + this.slotMs;
    if (isBusy || this.#listeners.size > 0) {
      socket.end('HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (line) => this.#greet(line));
  }

  get connections(): number {
    return this.#listeners.size;
  }

  /** Ends all connections, as a restart of the broker does. */
  disconnect(): void {
    for (const line of this.#listeners) line.terminate();
    this.#listeners.clear();
  }

  /** The connection dies; the broker counts it on for 90 seconds. */
  dieSilently(): void {
    this.slotMs = SLOT_MS;
    this.#deadAt = this.options.clock.now();
    this.disconnect();
  }

  publish(event: ExchangeEvent): void {
    this.send(updateJson(event), String(updateJson(event)['event']));
  }

  /** Sends the data of a message, with the fault that is planned for it. */
  send(data: unknown, name: string): void {
    const text = JSON.stringify({ stream: 'trade_updates', data });
    const held = this.#held;
    this.#held = undefined;
    switch (this.options.faults.frame(`trade_updates ${name}`)) {
      case 'drop':
        break;
      case 'repeat':
        this.#out(text);
        this.#out(text);
        break;
      case 'delay':
      case 'reorder':
        // it comes after the next one
        this.#held = text;
        break;
      case 'disconnect':
        this.disconnect();
        break;
      case undefined:
        this.#out(text);
        break;
    }
    if (held !== undefined) this.#out(held);
  }

  /** Sends anything, as it is. */
  raw(text: string): void {
    this.#out(text);
  }

  #out(text: string): void {
    for (const line of this.#listeners) {
      this.sent.push(text);
      line.send(this.binary ? Buffer.from(text) : text);
    }
  }

  #greet(line: WebSocket): void {
    let isKnown = false;
    line.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Member;
      if (message.action === 'authenticate') {
        isKnown = this.options.isKey(message.data?.['key_id'], message.data?.['secret_key']);
        const status = isKnown ? 'authorized' : 'unauthorized';
        this.#answer(line, { stream: 'authorization', data: { status, action: 'authenticate' } });
        return;
      }
      if (!isKnown) {
        this.#answer(line, { stream: 'authorization', data: { status: 'unauthorized', action: 'listen' } });
        return;
      }
      this.#listeners.add(line);
      this.#answer(line, { stream: 'listening', data: { streams: message.data?.['streams'] } });
    });
    line.on('close', () => this.#listeners.delete(line));
  }

  #answer(line: WebSocket, message: object): void {
    const text = JSON.stringify(message);
    line.send(this.binary ? Buffer.from(text) : text);
  }

  close(): void {
    for (const line of this.#server.clients) line.terminate();
    this.#server.close();
  }
}
