import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { priceToDecimal, type Bar, type MarketSlice, type QuoteBar } from '../../../src/domain/market/types.js';
import type { FaultPlan } from '../exchange/fault-plan.js';
import { nanoseconds } from './wire.js';

export interface DataStreamOptions {
  readonly faults: FaultPlan;
  readonly isKey: (key: unknown, secret: unknown) => boolean;
}

type Asked = Readonly<Record<string, unknown>>;
const CHANNELS = ['trades', 'quotes', 'bars', 'updatedBars', 'statuses'] as const;
type Channel = (typeof CHANNELS)[number];

export function barJson(bar: Bar): Asked {
  const price = (name: 'open' | 'high' | 'low' | 'close'): number => Number(priceToDecimal(bar[name]).shortText());
  const prices = { o: price('open'), h: price('high'), l: price('low'), c: price('close') };
  return { t: nanoseconds(bar.start).replace('.000456789', ''), ...prices, v: bar.volume, n: 1, vw: price('close') };
}

export function quoteJson(quote: QuoteBar): Asked {
  const price = (side: 'bid' | 'ask'): number => Number(priceToDecimal(quote[side].close).shortText());
  const sizes = { bs: quote.bidSize, as: quote.askSize };
  return {
    t: nanoseconds(quote.start),
    bp: price('bid'),
    ap: price('ask'),
    bx: 'V',
    ax: 'V',
    ...sizes,
    c: ['R'],
    z: 'B',
  };
}

/** The stream of market data, version 2: every message is an array. */
export class DataStream {
  /** Symbols of one connection: 30 on the free plan. */
  mostSymbols = 30;
  /** A fault that the next log-in is answered with: 402, 406, 409. */
  loginFault: number | undefined;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #lines = new Map<WebSocket, Map<Channel, Set<string>>>();

  constructor(private readonly options: DataStreamOptions) {}

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.#server.handleUpgrade(request, socket, head, (line) => this.#greet(line));
  }

  get subscribers(): number {
    return [...this.#lines.values()].filter((channels) => channels.size > 0).length;
  }

  disconnect(): void {
    for (const line of this.#lines.keys()) line.terminate();
    this.#lines.clear();
  }

  /** Bars and quotes of a minute that is over: one frame with several messages. */
  minute(slice: MarketSlice): void {
    const bars = slice.bars.map((bar) => ({ T: 'b', S: bar.symbol, ...barJson(bar) }));
    const quotes = slice.quotes.map((quote) => ({ T: 'q', S: quote.symbol, ...quoteJson(quote) }));
    this.send([...bars, ...quotes]);
  }

  /** Sends messages to those who asked for their symbol, as one frame. */
  send(messages: readonly Asked[]): void {
    const wrong = this.options.faults.frame('data');
    if (wrong === 'disconnect') this.disconnect();
    if (wrong === 'drop' || wrong === 'disconnect') return;
    for (const [line, channels] of this.#lines) {
      const wanted = messages.filter((message) => wants(channels, message));
      if (wanted.length === 0) continue;
      const text = JSON.stringify(wanted);
      for (let n = 0; n < (wrong === 'repeat' ? 2 : 1); n += 1) line.send(text);
    }
  }

  close(): void {
    for (const line of this.#server.clients) line.terminate();
    this.#server.close();
  }

  #greet(line: WebSocket): void {
    let isKnown = false;
    const channels = new Map<Channel, Set<string>>();
    const answer = (message: object): void => line.send(JSON.stringify([message]));
    answer({ T: 'success', msg: 'connected' });
    line.on('message', (data: Buffer) => {
      const asked = JSON.parse(data.toString()) as Asked;
      if (asked['action'] === 'auth') {
        isKnown = this.#logIn(asked, answer);
        return;
      }
      if (!isKnown) {
        answer({ T: 'error', code: 401, msg: 'not authenticated' });
        return;
      }
      const all = new Set(CHANNELS.flatMap((name) => (Array.isArray(asked[name]) ? (asked[name] as string[]) : [])));
      if (all.size > this.mostSymbols) {
        answer({ T: 'error', code: 405, msg: 'symbol limit exceeded' });
        return;
      }
      for (const name of CHANNELS)
        channels.set(name, new Set(Array.isArray(asked[name]) ? (asked[name] as string[]) : []));
      this.#lines.set(line, channels);
      answer({
        T: 'subscription',
        ...Object.fromEntries(CHANNELS.map((name) => [name, [...(channels.get(name) ?? [])]])),
      });
    });
    line.on('close', () => this.#lines.delete(line));
  }

  #logIn(asked: Asked, answer: (message: object) => void): boolean {
    const wrong = this.loginFault ?? (this.options.isKey(asked['key'], asked['secret']) ? undefined : 402);
    this.loginFault = undefined;
    if (wrong === undefined) answer({ T: 'success', msg: 'authenticated' });
    else answer({ T: 'error', code: wrong, msg: wrong === 406 ? 'connection limit exceeded' : 'auth failed' });
    return wrong === undefined;
  }
}

const CHANNEL_OF: Readonly<Record<string, Channel>> = {
  t: 'trades',
  q: 'quotes',
  b: 'bars',
  u: 'updatedBars',
  s: 'statuses',
};

function wants(channels: ReadonlyMap<Channel, ReadonlySet<string>>, message: Asked): boolean {
  const channel = CHANNEL_OF[String(message['T'])];
  const symbols = channel === undefined ? undefined : channels.get(channel);
  return symbols?.has(String(message['S'])) === true || symbols?.has('*') === true;
}
