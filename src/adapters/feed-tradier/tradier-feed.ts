import { NEVER, ReplaySubject, Subject, type Observable } from 'rxjs';
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
import { parseVix } from '../../domain/market/vix.js';
import type { TickerSymbol } from '../../events/names.js';
import { configError, dataError, TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { MINUTE_MS, plusMs, SECOND_MS, type Clock, type DateText, type EpochMs } from '../../kernel/time.js';
import type { FeedStatus, MarketDataFeed, MarketDay } from '../../ports/market-data.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import { parseExactJson } from '../broker-common/exact-json.js';
import { WireLine, type LinePauses, type LineTalk } from '../broker-common/line.js';
import { addressOf, streamAddress, type TradierAddress } from '../broker-tradier/address.js';
import { isMembers, textOf, type Members } from '../broker-tradier/shapes.js';
import { wireSymbol } from '../broker-tradier/symbols.js';
import { TradierApi } from '../broker-tradier/tradier-api.js';
import { RunningTimer } from '../clock/running-timer.js';
import { QuoteMinutes } from '../feed-alpaca/quote-minutes.js';
import { TradierHistory } from './history.js';
import { readQuote, readTrade } from './messages.js';

export interface TradierFeedOptions {
  readonly account: BrokerAccountAddress;
  readonly clock: Clock;
  readonly raw: RawFrames;
  readonly symbols: readonly TickerSymbol[];
  readonly pauses?: LinePauses;
  readonly timeoutMs?: number;
}

/** Quotes and repaired minutes follow the end of a minute by so much at most. */
const SETTLES_AFTER_MS = 3_000;
/** How often the end of a minute is looked for, in milliseconds of the machine. */
const TICK_MS = 100;
/** A minute of the history is asked for so long after its end. */
const HISTORY_AFTER_MS = SECOND_MS;
/** What is older is late anyway. */
const MOST_GAP_MS = 30 * MINUTE_MS;
const VIX = 'VIX';
/** The rule by which a message that cannot be read is counted. */
const UNREADABLE: Readonly<Record<string, QualityRule>> = { quote: 'QUOTE_BAD_FIGURE' };

/**
 * Market data of Tradier (TRD-1): trades and quotes of its stream, of which minutes are made here and in the session; REST for closes
 * and for minutes that the stream missed.
 */
export class TradierFeed implements MarketDataFeed {
  readonly settlesAfterMs = SETTLES_AFTER_MS;
  readonly #bars = new Subject<Bar>();
  readonly #quotes = new Subject<QuoteBar>();
  readonly #trades = new Subject<Trade>();
  readonly #vix = new Subject<IndexValue>();
  readonly #states = new ReplaySubject<FeedStatus>(1);
  readonly bars$ = this.#bars.asObservable();
  readonly quotes$ = this.#quotes.asObservable();
  readonly trades$ = this.#trades.asObservable();
  /** The broker reports no halts. */
  readonly halts$: Observable<HaltChange> = NEVER;
  readonly vix$ = this.#vix.asObservable();
  readonly status$ = this.#states.asObservable();
  readonly #address: TradierAddress;
  readonly #api: TradierApi;
  readonly #history: TradierHistory;
  readonly #minutes = new QuoteMinutes();
  readonly #prepared = new Map<DateText, readonly SymbolReference[]>();
  /** Minutes that the stream gave in part: their bars come from the history when they are over. */
  readonly #partial = new Set<EpochMs>();
  #findings = new Findings();
  #line: WireLine | undefined;
  #talk: LineTalk | undefined;
  #sessionId = '';
  #tick: RunningTimer | undefined;
  #minute: EpochMs | undefined;
  #lostAt: EpochMs | undefined;

  /** @throws ConfigError BROKER_URL_INVALID */
  constructor(private readonly options: TradierFeedOptions) {
    const { account, clock, raw, timeoutMs } = options;
    this.#address = addressOf(account.url);
    this.#api = new TradierApi({
      account,
      address: this.#address,
      clock,
      raw,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    this.#history = new TradierHistory(this.#api);
  }

  /** Loads previous closes and volumes. @throws ConfigError, DataError SANDBOX_MARKET_DATA, NetworkError retry */
  async prepare(date: DateText): Promise<void> {
    const { symbols } = this.options;
    if (symbols.length === 0) throw noSymbols();
    if (this.#address.isSandbox) throw sandboxData();
    const references = await this.#history.references(symbols, date);
    this.#prepared.clear();
    this.#prepared.set(date, references);
  }

  /** @throws DataError FEED_NOT_PREPARED */
  open(date: DateText): MarketDay {
    const references = this.#prepared.get(date);
    if (references === undefined) throw notPrepared(date);
    this.#findings = new Findings();
    const findings = this.#findings;
    this.#listen();
    const { symbols } = this.options;
    return {
      date,
      references,
      description: {
        ...{ kind: 'tradier', description: `Tradier, ${symbols.length} symbols`, seed: null, symbols },
        sha256: sha256Hex(`tradier/${symbols.join(',')}`),
      },
      findings: () => findings.toRecord(),
    };
  }

  backfill(from: EpochMs, to: EpochMs): Promise<readonly MarketSlice[]> {
    return this.#history.slices(this.options.symbols, from, to);
  }

  /** Ends the stream; `open` begins it again. */
  close(): void {
    this.#tick?.cancel();
    this.#tick = undefined;
    this.#line?.close('closed on request');
    this.#line = undefined;
    this.#api.close();
  }

  #listen(): void {
    if (this.#line !== undefined) return;
    const { clock, raw, pauses } = this.options;
    this.#line = new WireLine({
      source: 'TRADIER',
      channel: 'market_events',
      raw,
      url: () => this.#url(),
      handshake: (talk) => this.#greet(talk),
      onFrame: ({ text }) => this.#frame(text),
      onOpen: () => this.#fillGap(),
      onState: (state, reason) => {
        if (state === 'disconnected') this.#lostAt ??= clock.now();
        this.#states.next({ at: clock.now(), state: state === 'connected' ? 'connected' : 'lost', reason });
      },
      ...(pauses === undefined ? {} : { pauses }),
    });
    this.#line.open();
    this.#watchMinutes();
  }

  async #url(): Promise<string> {
    const { sessionId, url } = await this.#api.marketSession();
    this.#sessionId = sessionId;
    return streamAddress(this.#address, '/markets/events', url);
  }

  #greet(talk: LineTalk): () => void {
    this.#talk = talk;
    const symbols = this.options.symbols.map(wireSymbol);
    const wanted = { symbols, sessionid: this.#sessionId, filter: ['trade', 'quote'], linebreak: true };
    talk.send(JSON.stringify(wanted));
    talk.done();
    return () => undefined;
  }

  /** One frame may have several lines, each a message by itself. */
  #frame(text: string): void {
    for (const line of text.split('\n')) if (line.trim() !== '') this.#message(line);
  }

  /** A message that cannot be read is counted, and the next one is read. */
  #message(line: string): void {
    let type = '';
    try {
      const message = parseExactJson(line);
      if (!isMembers(message)) return;
      type = textOf(message, 'type') ?? '';
      if (textOf(message, 'error') !== undefined) this.#talk?.failed('the session was refused, or has expired');
      else this.#read(type, message);
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
      this.#findings.add(UNREADABLE[type] ?? 'TRADE_BAD_FIGURE');
    }
  }

  #read(type: string, message: Members): void {
    if (type === 'trade') this.#trades.next(readTrade(message));
    if (type !== 'quote') return;
    const quote = this.#minutes.take(readQuote(message));
    if (quote !== undefined) this.#quotes.next(quote);
  }

  /** Minutes that were missed are read before the feed counts as connected; those that were heard in part, when they are over. */
  async #fillGap(): Promise<void> {
    const now = this.options.clock.now();
    if (this.#lostAt === undefined) return;
    const from = minuteOf(Math.max(this.#lostAt, now - MOST_GAP_MS) as EpochMs);
    const current = minuteOf(now);
    if (from < current)
      for (const bar of await this.#history.bars(this.options.symbols, from, current)) this.#bars.next(bar);
    this.#partial.add(current);
    this.#lostAt = undefined;
  }

  /** The end of a minute: its quotes, the minutes that are to be read again, and the VIX. */
  #watchMinutes(): void {
    this.#tick = new RunningTimer(TICK_MS, () => {
      const now = this.options.clock.now();
      const minute = minuteOf(now);
      if (minute !== this.#minute) {
        this.#minute = minute;
        for (const quote of this.#minutes.endedBy(plusMs(minute, -MINUTE_MS))) this.#quotes.next(quote);
        void this.#readVix(now);
      }
      for (const start of this.#partial) {
        if (now < start + MINUTE_MS + HISTORY_AFTER_MS) continue;
        this.#partial.delete(start);
        void this.#repair(start);
      }
      if (this.#line !== undefined) this.#watchMinutes();
    });
  }

  async #repair(start: EpochMs): Promise<void> {
    await this.#quietly(async () => {
      const bars = await this.#history.bars(this.options.symbols, start, plusMs(start, MINUTE_MS));
      for (const bar of bars) this.#bars.next(bar);
    });
  }

  /** A quote of the index once a minute; without one the VIX stays as it was known. */
  async #readVix(at: EpochMs): Promise<void> {
    await this.#quietly(async () => {
      const quote = (await this.#api.quotes([VIX])).find((one) => textOf(one, 'symbol') === VIX);
      const value = quote === undefined ? undefined : parseVix(textOf(quote, 'last') ?? '');
      if (value !== undefined) this.#vix.next({ at, value });
    });
  }

  /** What fails here leaves a gap that the rules of the minute count; the stream goes its own way. */
  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof TradeBotError)) throw error;
    }
  }
}

function minuteOf(at: EpochMs): EpochMs {
  return (at - (at % MINUTE_MS)) as EpochMs;
}

function noSymbols(): Error {
  return configError({
    code: 'FEED_WITHOUT_SYMBOLS',
    message: 'the feed of TRADIER has no symbols to listen to',
    remedy: 'Name symbols, or build the universe first.',
  });
}

function sandboxData(): Error {
  return dataError({
    code: 'SANDBOX_MARKET_DATA',
    message: 'the practice environment of TRADIER has no stream of market data, and its quotes are 15 minutes late',
    remedy: 'Set MARKET_DATA to another feed, or use the token of a live account for market data.',
  });
}

function notPrepared(date: DateText): Error {
  return dataError({
    code: 'FEED_NOT_PREPARED',
    message: `the previous closes of ${date} have not been loaded from TRADIER`,
    remedy: 'The feed is prepared for a day before it is opened.',
  });
}
