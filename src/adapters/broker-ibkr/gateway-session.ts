import { connect, type Socket } from 'node:net';
import { Encoder } from '@stoqey/ib/dist/core/io/encoder.js';
import { TradeBotError } from '../../kernel/errors.js';
import { RunningTimer } from '../clock/running-timer.js';
import { EXCHANGE_ZONE } from '../../domain/calendar/nyse.js';
import { zoneNamed } from './execution-time.js';
import { GatewayFrameReader } from './frame-reader.js';
import type { GatewayMessage } from './messages.js';
import { PacedWriter, type Pace } from './paced-writer.js';
import { LEAST_SERVER_VERSION, MOST_SERVER_VERSION, readMessage } from './read-message.js';

/** Where TWS or IB Gateway listens, and the number of this program among its clients. */
export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
  readonly clientId: number;
}

/** Limits of the waits of a connection, in milliseconds in which this process ran. */
export interface SessionLimits {
  /** From the connect to the first valid order id. */
  readonly handshakeMs: number;
  /** Without a message for so long, the gateway is asked for its time. */
  readonly quietMs: number;
  /** Without any message for so long after that, the connection is dead. */
  readonly answerMs: number;
  readonly pace: Pace;
}

export interface SessionUser {
  message(message: GatewayMessage, text: string): void;
  /** The connection has ended, once; `wasReady` when it had been of use. */
  ended(reason: string, wasReady: boolean): void;
}

/** How a request is written: by the encoder of the client library, which knows the layout of each version. */
export type WriteRequest = (encoder: Encoder) => void;

/** One connection to the gateway, from the connect to its end; it is never used again. */
export class GatewaySession {
  readonly #socket: Socket;
  readonly #reader = new GatewayFrameReader();
  readonly #writer: PacedWriter;
  readonly #encoder: Encoder;
  #frames: Buffer[] = [];
  #version = 0;
  #zone: string = EXCHANGE_ZONE;
  #accounts: readonly string[] = [];
  #ready = false;
  #ended = false;
  #timer: RunningTimer;
  #cause = '';

  constructor(
    private readonly address: GatewayAddress,
    private readonly limits: SessionLimits,
    private readonly user: SessionUser,
  ) {
    this.#writer = new PacedWriter(limits.pace);
    this.#encoder = this.#makeEncoder();
    this.#socket = connect({ host: address.host, port: address.port, noDelay: true, keepAlive: true });
    this.#socket.on('connect', () => this.#greet());
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.end(connectFault(error, address)));
    this.#socket.on('close', () => this.end('the gateway closed the connection'));
    this.#timer = new RunningTimer(limits.handshakeMs, () => this.end(this.#silence()));
  }

  /** The version that both sides speak; 0 before the handshake. */
  get version(): number {
    return this.#version;
  }

  get accounts(): readonly string[] {
    return this.#accounts;
  }

  /** The zone of times without one. */
  get zone(): string {
    return this.#zone;
  }

  get ready(): boolean {
    return this.#ready && !this.#ended;
  }

  /** Resolves when the request is on its way; rejects when it certainly is not. */
  send(urgency: 'urgent' | 'plain', write: WriteRequest): Promise<void> {
    return this.#writer.send(urgency, () => {
      this.#frames = [];
      write(this.#encoder);
      for (const frame of this.#frames) this.#socket.write(frame);
    });
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer.cancel();
    this.#socket.destroy();
    const why = this.#cause === '' ? reason : this.#cause;
    this.#writer.end(why);
    this.user.ended(why, this.#ready);
  }

  #makeEncoder(): Encoder {
    const version = (): number => this.#version;
    return new Encoder({
      get serverVersion() {
        return version();
      },
      sendMsg: (...tokens: unknown[]) => {
        this.#frames.push(requestFrame(tokens));
      },
      emitError: (message: string, code: number) => {
        throw new TradeBotError('BrokerError', 'refuse', {
          code: 'GATEWAY_TOO_OLD',
          message: `the gateway of version ${this.#version} cannot take the request: ${message} (${code})`,
          remedy: 'Update TWS or IB Gateway.',
        });
      },
    });
  }

  #greet(): void {
    const range = `v100..${MOST_SERVER_VERSION}`;
    const head = Buffer.alloc(4);
    head.writeUInt32BE(range.length, 0);
    this.#socket.write(Buffer.concat([Buffer.from('API\0', 'latin1'), head, Buffer.from(range, 'latin1')]));
  }

  #receive(chunk: Buffer): void {
    if (this.#ended) return;
    try {
      for (const text of this.#reader.push(chunk)) this.#frame(text);
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'GATEWAY_FRAME') throw error;
      this.end(error.message);
    }
  }

  #frame(text: string): void {
    if (this.#isEnded()) return;
    const fields = text.split('\0');
    if (text.endsWith('\0')) fields.pop();
    if (this.#version === 0) {
      this.#agree(fields);
      return;
    }
    this.#alive();
    const message = readMessage(fields, this.#version);
    this.#noteStart(message);
    this.user.message(message, text);
  }

  #isEnded(): boolean {
    return this.#ended;
  }

  #agree(fields: readonly string[]): void {
    const version = Number(fields[0]);
    if (!Number.isInteger(version) || version < LEAST_SERVER_VERSION || version > MOST_SERVER_VERSION) {
      this.end(
        `the gateway speaks version ${(fields[0] ?? '').slice(0, 20)}, this program ${LEAST_SERVER_VERSION} to ${MOST_SERVER_VERSION}: install a version of TWS or IB Gateway that has one of them`,
      );
      return;
    }
    this.#version = version;
    const zone = /^\d{8} \d{2}:\d{2}:\d{2} (.+)$/.exec(fields[1] ?? '')?.[1];
    this.#zone = (zone === undefined ? undefined : zoneNamed(zone)) ?? EXCHANGE_ZONE;
    this.#socket.write(requestFrame([71, 2, this.address.clientId, '']));
  }

  /** The gateway takes requests from the first valid id on, not from the connect on. */
  #noteStart(message: GatewayMessage): void {
    if (message.kind === 'managedAccounts') this.#accounts = message.accounts;
    if (message.kind === 'nextValidId' && !this.#ready) {
      this.#ready = true;
      this.#alive();
    }
    // the gateway says why, and closes
    if (message.kind === 'error' && ENDING_CODES.has(message.code)) this.#cause = `${message.text} (${message.code})`;
  }

  #alive(): void {
    if (!this.#ready || this.#ended) return;
    this.#timer.cancel();
    this.#timer = new RunningTimer(this.limits.quietMs, () => this.#askForLife());
  }

  #askForLife(): void {
    const { answerMs, quietMs } = this.limits;
    this.#timer = new RunningTimer(answerMs, () =>
      this.end(`the gateway sent nothing for ${(quietMs + answerMs) / 1_000} s`),
    );
    // refused only when the connection has ended, which says so itself
    this.send('plain', (encoder) => encoder.reqCurrentTime()).catch(() => undefined);
  }

  #silence(): string {
    const waited = `within ${this.limits.handshakeMs / 1_000} s`;
    if (this.#version !== 0) {
      return `the gateway gave no order id ${waited}: it is not logged in; waiting for a person to log in to TWS or IB Gateway`;
    }
    return `the gateway took the connection and did not answer ${waited}: waiting for a person to look at TWS or IB Gateway`;
  }
}

/** Client id in use, not connected, too old, port moved: the gateway closes after them. */
const ENDING_CODES: ReadonlySet<number> = new Set([326, 501, 502, 503, 504, 505, 506, 507, 1300]);

function connectFault(error: NodeJS.ErrnoException, { host, port }: GatewayAddress): string {
  if (error.code === 'ECONNREFUSED') {
    return `nothing listens on ${host}:${port}: waiting for a person to start TWS or IB Gateway and log in`;
  }
  return `the connection to ${host}:${port} failed: ${error.code ?? error.message}`;
}

/** A request as the gateway reads it: texts that end in a zero byte, after their length. */
function requestFrame(tokens: readonly unknown[]): Buffer {
  const fields = tokens.flat(Infinity).map((token) => {
    if (typeof token === 'boolean') return token ? '1' : '0';
    if (typeof token === 'number') return String(token);
    return typeof token === 'string' ? token.replaceAll('\0', '') : '';
  });
  const body = Buffer.from(`${fields.join('\0')}\0`, 'utf8');
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}
