import { ReplaySubject, Subject, type Observable } from 'rxjs';
import { Findings, type QualityRule } from '../../domain/market/quality.js';
import type {
  Bar,
  HaltChange,
  IndexValue,
  MarketSlice,
  QuoteBar,
  SymbolReference,
  Trade,
} from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { configError, dataError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { MINUTE_MS, plusMs, type Clock, type DateText, type EpochMs } from '../../kernel/time.js';
import type { FeedStatus, MarketDataFeed, MarketDay } from '../../ports/market-data.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import { alpacaHeaders } from '../broker-alpaca/alpaca-rest.js';
import { alpacaHosts } from '../broker-alpaca/hosts.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import { parseExactJson } from '../broker-common/exact-json.js';
import { Fields } from '../broker-common/fields.js';
import { BrokerHttp } from '../broker-common/http-client.js';
import { WireLine, type LineFrame, type LinePauses, type LineTalk } from '../broker-common/line.js';
import { RateBudget } from '../broker-common/rate-budget.js';
import { AlpacaHistory } from './history.js';
import { readBar, readQuote, readStatus, readTrade, streamError } from './messages.js';
import { QuoteMinutes } from './quote-minutes.js';

export interface AlpacaFeedOptions {
  readonly account: BrokerAccountAddress;
  readonly clock: Clock;
  readonly raw: RawFrames;
  readonly symbols: readonly TickerSymbol[];
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
/** A bar is sent within a second or two after its minute. */
const SETTLES_AFTER_MS = 3_000;
/** Data that came while the stream was down is looked for at most so far back; what is older is late anyway. */
const MOST_GAP_MS = 30 * MINUTE_MS;

/** Market data of Alpaca: its stream, and REST for what the stream missed (TRD-1). */
export class AlpacaFeed implements MarketDataFeed {
  readonly settlesAfterMs = SETTLES_AFTER_MS;
  readonly bars$: Observable<Bar>;
  readonly quotes$: Observable<QuoteBar>;
  readonly trades$: Observable<Trade>;
  readonly halts$: Observable<HaltChange>;
  readonly vix$: Observable<IndexValue> = new Subject<IndexValue>().asObservable();
  readonly status$: Observable<FeedStatus>;
  readonly #bars = new Subject<Bar>();
  readonly #quotes = new Subject<QuoteBar>();
  readonly #trades = new Subject<Trade>();
  readonly #halts = new Subject<HaltChange>();
  readonly #states = new ReplaySubject<FeedStatus>(1);
  readonly #minutes = new QuoteMinutes();
  readonly #history: AlpacaHistory;
  readonly #http: BrokerHttp;
  readonly #prepared = new Map<DateText, readonly SymbolReference[]>();
  #findings = new Findings();
  #line: WireLine | undefined;
  /** The last minute that the stream gave bars of. */
  #lastBar: EpochMs | undefined;

  constructor(private readonly options: AlpacaFeedOptions) {
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
    this.bars$ = this.#bars.asObservable();
    this.quotes$ = this.#quotes.asObservable();
    this.trades$ = this.#trades.asObservable();
    this.halts$ = this.#halts.asObservable();
    this.status$ = this.#states.asObservable();
  }

  /** Loads the previous close and volume of each symbol. @throws NetworkError retry, BrokerError refuse (the key) */
  async prepare(date: DateText): Promise<void> {
    const { symbols } = this.options;
    if (symbols.length === 0) throw noSymbols();
    this.#prepared.clear();
    this.#prepared.set(date, await this.#history.references(symbols, date, this.#feed));
  }

  /** @throws DataError FEED_NOT_PREPARED */
  open(date: DateText): MarketDay {
    const references = this.#prepared.get(date);
    if (references === undefined) throw notPrepared(date);
    this.#findings = new Findings();
    const findings = this.#findings;
    this.#listen();
    const { symbols } = this.options;
    const description = `Alpaca ${this.#feed}, ${symbols.length} symbols`;
    const sha256 = sha256Hex(`alpaca/${this.#feed}/${symbols.join(',')}`);
    return {
      date,
      references,
      description: { kind: 'alpaca', description, seed: null, symbols, sha256 },
      findings: () => findings.toRecord(),
    };
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
    return alpacaHosts(this.options.account.url).dataStream.split('/').at(-1) ?? 'iex';
  }

  #listen(): void {
    if (this.#line !== undefined) return;
    const { account, clock, raw, pauses } = this.options;
    this.#line = new WireLine({
      source: 'ALPACA',
      channel: 'market data',
      url: () => alpacaHosts(account.url).dataStream,
      raw,
      handshake: (talk) => this.#logIn(talk),
      onFrame: (frame) => this.#take(frame),
      onOpen: () => this.#fillGap(),
      onState: (state, reason) =>
        this.#states.next({ at: clock.now(), state: state === 'connected' ? 'connected' : 'lost', reason }),
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
      if (start !== null) for (const quote of this.#minutes.endedBy(start)) this.#quotes.next(quote);
  }

  /** A message that cannot be read is counted, and the next one is read. */
  #message(message: Fields): void {
    try {
      this.#read(message);
    } catch {
      this.#findings.add(UNREADABLE[message.textOr('T', '')] ?? 'TRADE_BAD_FIGURE');
    }
  }

  #read(message: Fields): void {
    switch (message.textOr('T', '')) {
      case 'b':
      case 'u': {
        const bar = readBar(message);
        if (this.#lastBar === undefined || bar.start > this.#lastBar) this.#lastBar = bar.start;
        this.#bars.next(bar);
        return;
      }
      case 'q': {
        const quote = this.#minutes.take(readQuote(message));
        if (quote !== undefined) this.#quotes.next(quote);
        return;
      }
      case 't':
        this.#trades.next(readTrade(message));
        return;
      case 's': {
        const change = readStatus(message);
        if (change !== undefined) this.#halts.next(change);
        return;
      }
      case 'error':
        this.#states.next({
          at: this.options.clock.now(),
          state: 'lost',
          reason: `market data: ${streamError(message)}`,
        });
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
    const start = (from - (from % MINUTE_MS)) as EpochMs;
    const end = (now - (now % MINUTE_MS)) as EpochMs;
    if (start >= end) return;
    for (const bar of await this.#history.bars(this.options.symbols, start, end, this.#feed)) {
      if (bar.start > this.#lastBar) this.#lastBar = bar.start;
      this.#bars.next(bar);
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

function noSymbols(): Error {
  return configError({
    code: 'FEED_WITHOUT_SYMBOLS',
    message: 'the feed of ALPACA has no symbols to listen to',
    remedy: 'Name symbols, or build the universe first.',
  });
}

function notPrepared(date: DateText): Error {
  return dataError({
    code: 'FEED_NOT_PREPARED',
    message: `the previous closes of ${date} have not been loaded from ALPACA`,
    remedy: 'The feed is prepared for a day before it is opened.',
  });
}
