import { TradeBotError } from '../../kernel/errors.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import { parseExactJson } from '../broker-common/exact-json.js';
import { WireLine, type LinePauses, type LineTalk } from '../broker-common/line.js';
import { streamAddress, type TradierAddress } from './address.js';
import { isMembers, textOf } from './shapes.js';
import type { TradierApi } from './tradier-api.js';

export interface EventStreamOptions {
  readonly api: Pick<TradierApi, 'accountSession'>;
  readonly address: TradierAddress;
  readonly raw: RawFrames;
  /** Something may have changed: the orders are to be read. */
  readonly onHint: () => void;
  readonly pauses?: LinePauses;
}

/**
 * The stream of account events: it only says when to read the orders again, because it replays nothing and its events lack what a
 * booking needs. Each connection has a session of its own; the broker lets one live at a time, for five minutes until it is used.
 */
export class EventStream {
  readonly #line: WireLine;
  #sessionId = '';
  #talk: LineTalk | undefined;

  constructor(private readonly options: EventStreamOptions) {
    const { raw, onHint, pauses } = options;
    this.#line = new WireLine({
      source: 'TRADIER',
      channel: 'account_events',
      raw,
      url: () => this.#url(),
      handshake: (talk) => this.#greet(talk),
      onFrame: ({ text }) => this.#frame(text),
      onOpen: () => {
        // what happened while the line was down is in the list of orders
        onHint();
        return Promise.resolve();
      },
      onState: () => undefined,
      ...(pauses === undefined ? {} : { pauses }),
    });
  }

  get isConnected(): boolean {
    return this.#line.isConnected;
  }

  open(): void {
    this.#line.open();
  }

  close(): void {
    this.#line.close('the broker was disconnected');
  }

  async #url(): Promise<string> {
    const { api, address } = this.options;
    const { sessionId, url } = await api.accountSession();
    this.#sessionId = sessionId;
    return streamAddress(address, '/accounts/events', url);
  }

  #greet(talk: LineTalk): () => void {
    this.#talk = talk;
    talk.send(JSON.stringify({ events: ['order'], sessionid: this.#sessionId, excludeAccounts: [] }));
    // the broker confirms nothing: an error, or an end, follows a session that it does not take
    talk.done();
    return () => undefined;
  }

  #frame(text: string): void {
    const frame = readFrame(text);
    if (frame === 'heartbeat') return;
    if (frame === 'error') this.#talk?.failed('the session was refused, or has expired');
    this.options.onHint();
  }
}

/** What a frame is: one that cannot be read is a hint as well. */
function readFrame(text: string): 'heartbeat' | 'error' | 'event' {
  try {
    const frame = parseExactJson(text);
    if (!isMembers(frame)) return 'event';
    if (textOf(frame, 'error') !== undefined) return 'error';
    return textOf(frame, 'event') === 'heartbeat' ? 'heartbeat' : 'event';
  } catch (error) {
    if (error instanceof TradeBotError) return 'event';
    throw error;
  }
}
