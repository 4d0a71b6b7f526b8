import type { QualityRule } from '../../domain/market/quality.js';
import type { MarketSlice, SymbolReference } from '../../domain/market/types.js';
import { parseVix } from '../../domain/market/vix.js';
import { dataError, TradeBotError } from '../../kernel/errors.js';
import { MINUTE_MS, plusMs, SECOND_MS, type DateText, type EpochMs } from '../../kernel/time.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import { parseExactJson } from '../broker-common/exact-json.js';
import { WireLine, type LinePauses, type LineTalk } from '../broker-common/line.js';
import { addressOf, streamAddress, type TradierAddress } from '../broker-tradier/address.js';
import { isMembers, textOf, type Members } from '../broker-tradier/shapes.js';
import { wireSymbol } from '../broker-tradier/symbols.js';
import { TradierApi } from '../broker-tradier/tradier-api.js';
import { RunningTimer } from '../clock/running-timer.js';
import { LiveFeed, type LiveFeedOptions } from '../feed-common/live-feed.js';
import { minuteOf } from '../feed-common/minutes.js';
import { QuoteMinutes } from '../feed-common/quote-minutes.js';
import { TradierHistory } from './history.js';
import { readQuote, readTrade } from './messages.js';

export interface TradierFeedOptions extends LiveFeedOptions {
  readonly account: BrokerAccountAddress;
  readonly raw: RawFrames;
  readonly pauses?: LinePauses;
  readonly timeoutMs?: number;
}

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
 * and for minutes that the stream missed. The broker reports no halts.
 */
export class TradierFeed extends LiveFeed {
  readonly #address: TradierAddress;
  readonly #api: TradierApi;
  readonly #history: TradierHistory;
  readonly #minutes = new QuoteMinutes();
  /** Minutes that the stream gave in part: their bars come from the history when they are over. */
  readonly #partial = new Set<EpochMs>();
  #line: WireLine | undefined;
  #talk: LineTalk | undefined;
  #sessionId = '';
  #tick: RunningTimer | undefined;
  #minute: EpochMs | undefined;
  #lostAt: EpochMs | undefined;

  /** @throws ConfigError BROKER_URL_INVALID */
  constructor(private readonly options: TradierFeedOptions) {
    super({ kind: 'tradier', vendor: 'TRADIER', name: () => 'Tradier', key: () => 'tradier' }, options);
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

  /** @throws DataError SANDBOX_MARKET_DATA */
  protected async references(date: DateText): Promise<readonly SymbolReference[]> {
    if (this.#address.isSandbox) throw sandboxData();
    return this.#history.references(this.options.symbols, date);
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

  protected listen(): void {
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
        this.sayState(state === 'connected' ? 'connected' : 'lost', reason);
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
      this.findings.add(UNREADABLE[type] ?? 'TRADE_BAD_FIGURE');
    }
  }

  #read(type: string, message: Members): void {
    if (type === 'trade') this.sent.trades.next(readTrade(message));
    if (type !== 'quote') return;
    this.sendQuote(this.#minutes.take(readQuote(message)));
  }

  /** Minutes that were missed are read before the feed counts as connected; those that were heard in part, when they are over. */
  async #fillGap(): Promise<void> {
    const now = this.options.clock.now();
    if (this.#lostAt === undefined) return;
    const from = minuteOf(Math.max(this.#lostAt, now - MOST_GAP_MS) as EpochMs);
    const current = minuteOf(now);
    if (from < current)
      for (const bar of await this.#history.bars(this.options.symbols, from, current)) this.sent.bars.next(bar);
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
        for (const quote of this.#minutes.endedBy(plusMs(minute, -MINUTE_MS))) this.sent.quotes.next(quote);
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
      for (const bar of bars) this.sent.bars.next(bar);
    });
  }

  /** A quote of the index once a minute; without one the VIX stays as it was known. */
  async #readVix(at: EpochMs): Promise<void> {
    await this.#quietly(async () => {
      const quote = (await this.#api.quotes([VIX])).find((one) => textOf(one, 'symbol') === VIX);
      const value = quote === undefined ? undefined : parseVix(textOf(quote, 'last') ?? '');
      if (value !== undefined) this.sent.vix.next({ at, value });
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

function sandboxData(): Error {
  return dataError({
    code: 'SANDBOX_MARKET_DATA',
    message: 'the practice environment of TRADIER has no stream of market data, and its quotes are 15 minutes late',
    remedy: 'Set MARKET_DATA to another feed, or use the token of a live account for market data.',
  });
}
