import type { Socket } from 'node:net';
import type { FaultPlan } from '../exchange/fault-plan.js';
import { frame, type Field } from './layouts.js';

/** A message that may be lost, repeated or late. */
interface Outgoing {
  readonly name: string;
  readonly fields: readonly Field[];
}

const DELAY_MS = 30;

/** One connection of a client: its requests in, messages out by the fault plan. */
export class ClientLink {
  clientId = -1;
  /** Whether the client has sent its START_API. */
  started = false;
  /** Nothing is sent while a request is carried out whose answer is lost. */
  muted = false;
  /** Nothing is sent any more. */
  dead = false;
  readonly requests: (readonly string[])[] = [];
  #buffer = Buffer.alloc(0);
  #greeted = false;
  #held: Outgoing | undefined;
  #times: number[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    readonly socket: Socket,
    private readonly faults: FaultPlan,
    private readonly on: { greeting(range: string): void; request(fields: readonly string[]): void; end(): void },
  ) {
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const timer of this.#timers) clearTimeout(timer);
      this.on.end();
    });
  }

  /** Requests of the last second, with this one. */
  rate(): number {
    const now = performance.now();
    this.#times = [...this.#times.filter((at) => now - at < 1_000), now];
    return this.#times.length;
  }

  /** Sends as it is, without faults. */
  plain(...fields: readonly Field[]): void {
    if (!this.socket.destroyed && !this.muted && !this.dead) this.socket.write(frame(fields));
  }

  send(name: string, fields: readonly Field[]): void {
    const fault = this.faults.frame(name);
    const held = this.#held;
    this.#held = undefined;
    switch (fault) {
      case 'drop':
        break;
      case 'repeat':
        this.plain(...fields);
        this.plain(...fields);
        break;
      case 'delay':
        this.#later(fields);
        break;
      case 'reorder':
        this.#held = { name, fields };
        break;
      case 'disconnect':
        this.socket.destroy();
        break;
      case undefined:
        this.plain(...fields);
    }
    if (held !== undefined) this.plain(...held.fields);
  }

  /** A message that waited for the next one goes when there is none. */
  flush(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.plain(...held.fields);
  }

  #later(fields: readonly Field[]): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.plain(...fields);
    }, DELAY_MS);
    this.#timers.add(timer);
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    if (!this.#greeted) {
      if (this.#buffer.length < 8) return;
      const length = this.#buffer.readUInt32BE(4);
      if (this.#buffer.length < 8 + length) return;
      const range = this.#buffer.toString('latin1', 8, 8 + length);
      if (this.#buffer.toString('latin1', 0, 4) !== 'API\0') {
        this.socket.destroy();
        return;
      }
      this.#greeted = true;
      this.#buffer = this.#buffer.subarray(8 + length);
      this.on.greeting(range);
    }
    while (this.#buffer.length >= 4) {
      const length = this.#buffer.readUInt32BE(0);
      if (this.#buffer.length < 4 + length) return;
      const text = this.#buffer.toString('utf8', 4, 4 + length);
      this.#buffer = this.#buffer.subarray(4 + length);
      const fields = text.split('\0').slice(0, -1);
      this.requests.push(fields);
      this.on.request(fields);
    }
  }
}
