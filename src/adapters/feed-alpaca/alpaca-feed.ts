import type { QualityRule } from '../../domain/market/quality.js';
import type { MarketSlice, SymbolReference } from '../../domain/market/types.js';
import { MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import { alpacaHeaders } from '../broker-alpaca/alpaca-rest.js';
import { alpacaHosts } from '../broker-alpaca/hosts.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import { parseExactJson } from '../broker-common/exact-json.js';
import { Fields } from '../broker-common/fields.js';
import { BrokerHttp } from '../broker-common/http-client.js';
import { WireLine, type LineFrame, type LinePauses, type LineTalk } from '../broker-common/line.js';
import { RateBudget } from '../broker-common/rate-budget.js';
import { LiveFeed, type LiveFeedOptions } from '../feed-common/live-feed.js';
import { minuteOf } from '../feed-common/minutes.js';
import { QuoteMinutes } from '../feed-common/quote-minutes.js';
import { AlpacaHistory } from './history.js';
import { readBar, readQuote, readStatus, readTrade, streamError } from './messages.js';

export interface AlpacaFeedOptions extends LiveFeedOptions {
  readonly account: BrokerAccountAddress;
  readonly raw: RawFrames;
  readonly pauses?: LinePauses;
  readonly timeoutMs?: number;
}

/** The rule by which a message that cannot be read is counted, by its kind. */
const UNREADABLE: Readonly<Record<string, QualityRule>> = {
  b: 'BAR_BAD_PRICE',
  u: 'BAR_BAD_PRICE',
  q: 'QUOTE_BAD_FIGURE',
};

/** Calls a minute of the free plan. */
const CALLS_PER_MINUTE = 200;
/** Data that came while the stream was down is looked for at most so far back; what is older is late anyway. */
const MOST_GAP_MS = 30 * MINUTE_MS;

/** Market data of Alpaca: its stream, and REST for what the stream missed (TRD-1). */
export class AlpacaFeed extends LiveFeed {
  readonly #minutes = new QuoteMinutes();
  readonly #history: AlpacaHistory;
  readonly #http: BrokerHttp;
  #line: WireLine | undefined;
  /** The last minute that the stream gave bars of. */
  #lastBar: EpochMs | undefined;

  constructor(private readonly options: AlpacaFeedOptions) {
    const feed = (): string => feedOf(options.account);
    const words = { name: () => `Alpaca ${feed()}`, key: () => `alpaca/${feed()}` };
    super({ kind: 'alpaca', vendor: 'ALPACA', ...words }, options);
    const { account, clock, raw, timeoutMs } = options;
    this.#http = new BrokerHttp({
      source: 'ALPACA',
      baseUrl: alpacaHosts(account.url).dataRest,
      headers: () => alpacaHeaders(account),
      clock,
      raw,
      budget: new RateBudget({ perMinute: CALLS_PER_MINUTE, reserved: 0, clock }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    this.#history = new AlpacaHistory(this.#http);
  }

  protected references(date: DateText): Promise<readonly SymbolReference[]> {
    return this.#history.references(this.options.symbols, date, this.#feed);
  }

  backfill(from: EpochMs, to: EpochMs): Promise<readonly MarketSlice[]> {
    return this.#history.minutes(this.options.symbols, from, to, this.#feed);
  }

  /** Ends the stream; `open` begins it again. */
  close(): void {
    this.#line?.close('closed on request');
    this.#line = undefined;
    this.#http.close();
  }

  /** `iex` or `sip`, as the address of the stream says. */
  get #feed(): string {
    return feedOf(this.options.account);
  }

  protected listen(): void {
    if (this.#line !== undefined) return;
    const { account, raw, pauses } = this.options;
    this.#line = new WireLine({
      source: 'ALPACA',
      channel: 'market data',
      url: () => alpacaHosts(account.url).dataStream,
      raw,
      handshake: (talk) => this.#logIn(talk),
      onFrame: (frame) => this.#take(frame),
      onOpen: () => this.#fillGap(),
      onState: (state, reason) => this.sayState(state === 'connected' ? 'connected' : 'lost', reason),
      ...(pauses === undefined ? {} : { pauses }),
    });
    this.#line.open();
  }

  /** The log-in begins with the greeting of the broker; one frame may carry several messages. */
  #logIn(talk: LineTalk): (frame: LineFrame) => void {
    const { apiKey, secretKey } = this.options.account;
    const names = this.options.symbols;
    return (frame) => {
      for (const message of messagesOf(frame)) {
        const type = message.textOr('T', '');
        const text = message.textOr('msg', '');
        if (type === 'error') talk.failed(streamError(message));
        else if (type === 'success' && text === 'connected') {
          talk.send(JSON.stringify({ action: 'auth', key: apiKey.reveal(), secret: secretKey.reveal() }));
        } else if (type === 'success' && text === 'authenticated') {
          const wanted = { trades: names, quotes: names, bars: names, updatedBars: names, statuses: names };
          talk.send(JSON.stringify({ action: 'subscribe', ...wanted }));
        } else if (type === 'subscription') talk.done();
        else this.#message(message);
      }
    };
  }

  #take(frame: LineFrame): void {
    const messages = messagesOf(frame);
    for (const message of messages) this.#message(message);
    // quotes of a minute end with its bars, which come when it is over
    const starts = messages.flatMap((message) => (message.textOr('T', '') === 'b' ? [message.timeOr('t', null)] : []));
    for (const start of starts)
      if (start !== null) for (const quote of this.#minutes.endedBy(start)) this.sent.quotes.next(quote);
  }

  /** A message that cannot be read is counted, and the next one is read. */
  #message(message: Fields): void {
    try {
      this.#read(message);
    } catch {
      this.findings.add(UNREADABLE[message.textOr('T', '')] ?? 'TRADE_BAD_FIGURE');
    }
  }

  #read(message: Fields): void {
    switch (message.textOr('T', '')) {
      case 'b':
      case 'u': {
        const bar = readBar(message);
        if (this.#lastBar === undefined || bar.start > this.#lastBar) this.#lastBar = bar.start;
        this.sent.bars.next(bar);
        return;
      }
      case 'q': {
        this.sendQuote(this.#minutes.take(readQuote(message)));
        return;
      }
      case 't':
        this.sent.trades.next(readTrade(message));
        return;
      case 's': {
        const change = readStatus(message);
        if (change !== undefined) this.sent.halts.next(change);
        return;
      }
      case 'error':
        this.sayState('lost', `market data: ${streamError(message)}`);
        return;
      default:
        // kinds that nobody asked for
        return;
    }
  }

  /** Bars that came while the stream was down; those that were heard come twice, which the rules of the minute count. */
  async #fillGap(): Promise<void> {
    if (this.#lastBar === undefined) return;
    const now = this.options.clock.now();
    const from = Math.max(this.#lastBar + MINUTE_MS, now - MOST_GAP_MS);
    const start = minuteOf(from as EpochMs);
    const end = minuteOf(now);
    if (start >= end) return;
    for (const bar of await this.#history.bars(this.options.symbols, start, end, this.#feed)) {
      if (bar.start > this.#lastBar) this.#lastBar = bar.start;
      this.sent.bars.next(bar);
    }
    this.#lastBar = plusMs(end, -MINUTE_MS);
  }
}

/** The messages of a frame: always an array; anything else has none. */
function messagesOf({ text }: LineFrame): readonly Fields[] {
  try {
    return Fields.listOf(parseExactJson(text), 'message');
  } catch {
    return [];
  }
}

/** `iex` or `sip`, as the address of the stream says. */
function feedOf({ url }: BrokerAccountAddress): string {
  return alpacaHosts(url).dataStream.split('/').at(-1) ?? 'iex';
}
