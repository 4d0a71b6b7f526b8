import { WebSocket, type RawData } from 'ws';
import type { Sha256Hex } from '../../kernel/hash.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { BrokerRefusal } from '../../ports/broker-connection.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import { RunningTimer } from '../clock/running-timer.js';
import { causeText } from '../files/system-error.js';

/** A frame as it came, with the digest of its evidence. */
export interface LineFrame {
  readonly text: string;
  readonly rawSha256: Sha256Hex;
}

export type LineState = 'connected' | 'disconnected';

export interface LineOptions {
  readonly source: string;
  /** Name of the stream, for evidence and messages: `trade_updates`. */
  readonly channel: string;
  /** The address, asked for at each attempt: some brokers give a new one for each session. It may hold a secret. */
  readonly url: () => string | Promise<string>;
  readonly raw: RawFrames;
  /**
   * Logs in and subscribes on a new connection: each frame until `done` is given to it. `failed` gives the attempt up; `limit`: the
   * broker still counts an earlier connection.
   */
  readonly handshake: (talk: LineTalk) => (frame: LineFrame) => void;
  readonly onFrame: (frame: LineFrame) => void;
  /** Reads again what was missed, before `connected` is reported; frames that come meanwhile are handled at once. */
  readonly onOpen: () => Promise<void>;
  readonly onState: (state: LineState, reason: string, code?: BrokerRefusal) => void;
  readonly pauses?: LinePauses;
}

/** How a line talks while it logs in. */
export interface LineTalk {
  send(text: string): void;
  done(): void;
  failed(reason: string, code?: BrokerRefusal): void;
}

/** Back-off between attempts: linear up to `mostMs`, without end; the other limits of a line, all in milliseconds. */
export interface LinePauses {
  readonly stepMs: number;
  readonly mostMs: number;
  readonly handshakeMs: number;
  /** A connection without a frame for this time is asked for a sign of life, and ended after as long again. */
  readonly silentMs: number;
}

const PAUSES: LinePauses = { stepMs: 2_000, mostMs: 30_000, handshakeMs: 15_000, silentMs: 10_000 };

/** Frames that came before the reading of what was missed has ended are handled at once; the largest frame that is taken. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * A websocket that is kept open without end: log-in, sign of life, back-off, and a hook to read again what was missed. Every frame is
 * kept as evidence. It never throws: its state says what is wrong.
 */
export class WireLine {
  #attempt: Attempt | undefined;
  #pause: RunningTimer | undefined;
  #failures = 0;
  #wanted = false;
  #state: LineState = 'disconnected';
  readonly #pauses: LinePauses;

  constructor(private readonly options: LineOptions) {
    this.#pauses = options.pauses ?? PAUSES;
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  /** Begins to connect, and keeps on until `close`. */
  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#failures = 0;
    this.#connect();
  }

  /** Ends the connection and every attempt. */
  close(reason: string): void {
    this.#wanted = false;
    this.#pause?.cancel();
    this.#attempt?.end();
    this.#attempt = undefined;
    this.#change('disconnected', reason);
  }

  /** Sends a text on the open connection; false when there is none. */
  send(text: string): boolean {
    return this.isConnected && this.#attempt !== undefined && this.#attempt.send(text);
  }

  /** Ends an open connection: whether the broker still takes the key shows at the next log-in. */
  logInAgain(reason: string, code: BrokerRefusal): void {
    if (this.isConnected) this.#attempt?.fail(reason, code);
  }

  #connect(): void {
    const attempt = new Attempt(this.options, this.#pauses, {
      opened: () => void this.#opened(attempt),
      ended: (reason, code) => this.#ended(attempt, reason, code),
    });
    this.#attempt = attempt;
    void attempt.begin();
  }

  async #opened(attempt: Attempt): Promise<void> {
    try {
      await this.options.onOpen();
    } catch (error) {
      attempt.fail(`what was missed could not be read: ${causeText(error)}`, refusalIn(error));
      return;
    }
    if (this.#attempt !== attempt || attempt.isOver) return;
    this.#failures = 0;
    this.#change('connected', `${this.options.channel} is connected`);
  }

  #ended(attempt: Attempt, reason: string, code: BrokerRefusal | undefined): void {
    if (this.#attempt !== attempt || !this.#wanted) return;
    this.#attempt = undefined;
    this.#failures += 1;
    const waitMs = Math.min(this.#pauses.stepMs * this.#failures, this.#pauses.mostMs);
    this.#change('disconnected', reason, code);
    this.#pause = new RunningTimer(waitMs, () => this.#connect());
  }

  #lastReason = '';

  /** Reported when the state or, while it is down, the reason changes. */
  #change(state: LineState, reason: string, code?: BrokerRefusal): void {
    if (state === this.#state && (state === 'connected' || reason === this.#lastReason)) return;
    this.#state = state;
    this.#lastReason = reason;
    this.options.onState(state, reason, code);
  }
}

interface AttemptEvents {
  readonly opened: () => void;
  readonly ended: (reason: string, code: BrokerRefusal | undefined) => void;
}

/** One connection from its attempt to its end. */
class Attempt {
  #socket: WebSocket | undefined;
  #isOver = false;
  #isOpen = false;
  #heard = true;
  #limit: RunningTimer;
  #handle: (frame: LineFrame) => void = () => undefined;

  constructor(
    private readonly options: LineOptions,
    private readonly pauses: LinePauses,
    private readonly events: AttemptEvents,
  ) {
    this.#limit = new RunningTimer(pauses.handshakeMs, () =>
      this.fail(`${options.channel}: no log-in within ${pauses.handshakeMs / 1_000} s`),
    );
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async begin(): Promise<void> {
    const { channel } = this.options;
    try {
      const url = await this.options.url();
      if (this.#isOver) return;
      const socket = new WebSocket(url, { maxPayload: MOST_BYTES, followRedirects: false, perMessageDeflate: false });
      this.#socket = socket;
      socket.on('open', () => this.#greet());
      socket.on('message', (data) => this.#take(data));
      socket.on('pong', () => (this.#heard = true));
      socket.on('ping', () => (this.#heard = true));
      socket.on('unexpected-response', (_request, response) => {
        const limit = response.statusCode === 429 ? ': the broker still counts an earlier connection' : '';
        this.fail(`${channel}: HTTP ${response.statusCode ?? 0}${limit}`);
      });
      socket.on('error', (error) => this.fail(`${channel}: ${causeText(error)}`));
      socket.on('close', (code) => this.fail(`${channel}: the connection was closed (${code})`));
    } catch (error) {
      this.fail(`${channel}: ${causeText(error)}`, refusalIn(error));
    }
  }

  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  fail(reason: string, code?: BrokerRefusal): void {
    if (this.#isOver) return;
    this.end();
    this.events.ended(reason, code);
  }

  end(): void {
    this.#isOver = true;
    this.#limit.cancel();
    this.#socket?.terminate();
  }

  #greet(): void {
    if (this.#isOver) return;
    const handle = this.options.handshake({
      send: (text) => void this.send(text),
      done: () => this.#loggedIn(),
      failed: (reason, code) => this.fail(`${this.options.channel}: ${reason}`, code),
    });
    // a broker that confirms no log-in: frames are news at once
    if (!this.#isOpen) this.#handle = handle;
  }

  #loggedIn(): void {
    if (this.#isOpen || this.#isOver) return;
    this.#isOpen = true;
    this.#handle = this.options.onFrame;
    this.#limit.cancel();
    this.#watch();
    this.events.opened();
  }

  /** A connection that is dead without a close says nothing: it is asked, then ended. */
  #watch(): void {
    this.#heard = false;
    this.#limit = new RunningTimer(this.pauses.silentMs, () => {
      if (this.#heard) {
        this.#watch();
        return;
      }
      this.#socket?.ping();
      this.#limit = new RunningTimer(this.pauses.silentMs, () => {
        if (this.#heard) this.#watch();
        else this.fail(`${this.options.channel}: no sign of life for ${(2 * this.pauses.silentMs) / 1_000} s`);
      });
    });
  }

  #take(data: RawData): void {
    if (this.#isOver) return;
    this.#heard = true;
    const text = textOf(data);
    const { raw, source, channel } = this.options;
    this.#handle({ text, rawSha256: raw.keep({ source, channel, text }) });
  }
}

function refusalIn(error: unknown): BrokerRefusal | undefined {
  return error instanceof TradeBotError && error.code === 'KEY_REFUSED' ? error.code : undefined;
}

/** Text of a frame, whichever of its two kinds it is. */
function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
