import { Subject, type Observable } from 'rxjs';
import { SecType, type Contract } from '@stoqey/ib';
import type { AuctionImbalance, Bar, MarketSlice, SymbolReference } from '../../domain/market/types.js';
import { isOption } from '../../domain/options/contract-name.js';
import type { TickerSymbol } from '../../events/names.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import type { FeedStatus } from '../../ports/market-data.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import { Contracts } from '../broker-ibkr/contracts.js';
import { GatewayLine, LINE_LIMITS, type LineLimits } from '../broker-ibkr/gateway-line.js';
import type { GatewayAddress, WriteRequest } from '../broker-ibkr/gateway-session.js';
import type { GatewayMessage, MessageOf } from '../broker-ibkr/messages.js';
import { isNotice } from '../broker-ibkr/questions.js';
import { LiveFeed, type LiveFeedOptions } from '../feed-common/live-feed.js';
import { minuteOf, slicesOf } from '../feed-common/minutes.js';
import { BestQuotes, type QuoteTick } from './best-quotes.js';
import { IbkrHistory } from './history.js';
import { MinuteBars, type EndedMinute } from './minute-bars.js';
import { barsOf, countedBar, sizeInUnits } from './option-data.js';
import { signedShares, TICK, tickPrice, tickShares } from './ticks.js';

export interface IbkrFeedOptions extends LiveFeedOptions {
  readonly address: GatewayAddress;
  readonly raw: RawFrames;
  readonly limits?: Partial<LineLimits>;
}

/** A subscription at the gateway. */
interface DataLine {
  readonly of: TickerSymbol | 'VIX';
  readonly kind: 'ticks' | 'bars';
}

/** Lines that the gateway gives an account: one is the VIX. */
const MOST_SYMBOLS = 99;
const BAR_SECONDS = 5;
/** The generic tick of auctions. */
const AUCTION = '225';
const COMPETING_SESSION = 10_197;
const NO_SUCH_LINE = 300;
const FIRST_HALTED = 1;

const VIX: Contract = {
  symbol: 'VIX',
  secType: SecType.IND,
  exchange: 'CBOE',
  currency: 'USD',
};

/**
 * Market data of Interactive Brokers: one line and one stream of bars for each symbol, and history for what they missed (TRD-1). Options
 * have bars of their bids.
 */
export class IbkrFeed extends LiveFeed {
  readonly line: GatewayLine;
  readonly #imbalances = new Subject<AuctionImbalance>();
  readonly imbalances$: Observable<AuctionImbalance> = this.#imbalances.asObservable();
  readonly #contracts: Contracts;
  readonly #history: IbkrHistory;
  readonly #minutes = new MinuteBars();
  readonly #best = new BestQuotes();
  /** What a request was for, by its id; of one connection. */
  readonly #lines = new Map<number, DataLine>();
  #linesOf: GatewayLine['session'];
  readonly #auctions = new Map<TickerSymbol, AuctionImbalance>();
  readonly #halted = new Set<TickerSymbol>();
  /** Options that the session holds or buys. */
  readonly #options = new Set<TickerSymbol>();
  #listening = false;
  #state: FeedStatus['state'] | undefined;

  constructor(private readonly options: IbkrFeedOptions) {
    super({ kind: 'ibkr', vendor: 'IBKR', name: () => 'Interactive Brokers', key: () => 'ibkr' }, options);
    const { address, clock, limits } = options;
    this.line = new GatewayLine(
      address,
      clock,
      {
        message: (message) => this.#take(message),
        opened: () => this.#opened(),
        lost: () => this.#forget(),
        status: ({ state, reason }) => this.#report(state === 'connected' ? 'connected' : 'lost', reason),
      },
      { ...LINE_LIMITS, ...limits },
    );
    this.#contracts = new Contracts(this.line);
    this.#history = new IbkrHistory(this.line, this.#contracts, clock);
  }

  /** Connects, and asks for the day before. @throws NetworkError retry, ConfigError FEED_TOO_WIDE */
  protected async references(date: DateText): Promise<readonly SymbolReference[]> {
    const { symbols } = this.options;
    if (symbols.length > MOST_SYMBOLS) throw tooMany(symbols.length);
    await this.line.open();
    const references: SymbolReference[] = [];
    for (const symbol of symbols) references.push(await this.#reference(symbol, date));
    return references;
  }

  protected listen(): void {
    this.#auctions.clear();
    this.#listening = true;
    if (this.line.isUp) this.#subscribe();
  }

  /** Minutes again, symbol by symbol as far as the pace of the gateway allows. */
  async backfill(from: EpochMs, to: EpochMs): Promise<readonly MarketSlice[]> {
    const first = minuteOf(from);
    const bars: Bar[] = [];
    for (const symbol of [...this.#options, ...this.options.symbols]) {
      if (!this.#history.hasPace) break;
      bars.push(...(await this.#history.minutes(symbol, first, to)));
    }
    return slicesOf(bars, from, to);
  }

  /** One that is held comes before the shares: its stop rests on its bids. */
  follow(option: TickerSymbol): void {
    if (this.#options.has(option)) return;
    this.#options.add(option);
    if (this.#listening && this.line.isUp) this.#subscribeTo(option);
  }

  close(): void {
    this.#listening = false;
    this.line.close();
  }

  /** A symbol without history trades all the same: what is not known of it is undefined. */
  async #reference(symbol: TickerSymbol, date: DateText): Promise<SymbolReference> {
    const unknown = { symbol, previousClose: undefined, previousVolume: undefined, marketCap: undefined };
    if (!this.#history.hasPace) return unknown;
    try {
      return await this.#history.reference(symbol, date);
    } catch (error) {
      if (!(error instanceof TradeBotError) || !this.line.isUp) throw error;
      return unknown;
    }
  }

  async #opened(): Promise<void> {
    this.#forget();
    if (this.#listening) this.#subscribe();
  }

  /** What was heard of running minutes is not whole any more. */
  #forget(): void {
    this.#minutes.forget();
    this.#best.forget();
    this.#auctions.clear();
  }

  #subscribe(): void {
    this.#unsubscribe();
    this.#linesOf = this.line.session;
    this.#request({ of: 'VIX', kind: 'ticks' }, (id) => (encoder) => encoder.reqMktData(id, VIX, '', false, false));
    for (const symbol of [...this.#options, ...this.options.symbols]) this.#subscribeTo(symbol);
  }

  #subscribeTo(symbol: TickerSymbol): void {
    const contract = this.#contracts.contractOf(symbol);
    const ticks = isOption(symbol) ? '' : AUCTION;
    this.#request(
      { of: symbol, kind: 'ticks' },
      (id) => (encoder) => encoder.reqMktData(id, contract, ticks, false, false),
    );
    const show = barsOf(symbol);
    this.#request(
      { of: symbol, kind: 'bars' },
      (id) => (encoder) => encoder.reqRealTimeBars(id, contract, BAR_SECONDS, show, true, []),
    );
  }

  /** Lines of the same connection that may live on would count twice against the limit of the account. */
  #unsubscribe(): void {
    const old = this.#linesOf === this.line.session ? [...this.#lines] : [];
    this.#lines.clear();
    for (const [id, { kind }] of old) {
      this.#send((encoder) => (kind === 'ticks' ? encoder.cancelMktData(id) : encoder.cancelRealTimeBars(id)));
    }
  }

  #request(line: DataLine, write: (id: number) => WriteRequest): void {
    const id = this.line.questions.nextId();
    this.#lines.set(id, line);
    this.#send(write(id));
  }

  /** What does not leave was of a connection that has ended; the next one asks again. */
  #send(write: WriteRequest): void {
    this.line.send('plain', write).catch(() => undefined);
  }

  #take(message: GatewayMessage): void {
    if (message.kind === 'error') this.#error(message);
    if (!('reqId' in message)) return;
    const line = this.#lines.get(message.reqId);
    if (line === undefined) return;
    if (line.of === 'VIX') this.#vixTick(message);
    else this.#symbolMessage(line.of, message);
  }

  #symbolMessage(symbol: TickerSymbol, message: GatewayMessage): void {
    switch (message.kind) {
      case 'realTimeBar':
        if (this.line.isUp) this.#report('connected', 'bars come again');
        for (const ended of this.#minutes.take(symbol, message.seconds, countedBar(symbol, message.bar)))
          this.#minuteEnded(ended);
        return;
      case 'tickPrice':
        this.#priceTick(symbol, message);
        return;
      case 'tickSize':
        this.#sizeTick(symbol, message);
        return;
      case 'tickGeneric':
        if (message.tick === TICK.halted && message.value !== undefined)
          this.#halt(symbol, Number(message.value.text()));
        return;
      default:
    }
  }

  #minuteEnded(ended: EndedMinute): void {
    const symbol = ended.kind === 'whole' ? ended.bar.symbol : ended.symbol;
    const start = ended.kind === 'whole' ? ended.bar.start : ended.start;
    this.sendQuote(this.#best.ended(symbol, start));
    if (ended.kind === 'whole') this.sent.bars.next(ended.bar);
    else this.#askForMinute(symbol, start);
  }

  /** A minute that lacks pieces is never a bar of fewer shares. */
  #askForMinute(symbol: TickerSymbol, start: EpochMs): void {
    if (!this.#history.hasPace) return;
    this.#history.minutes(symbol, start, plusMs(start, MINUTE_MS)).then(
      (bars) => {
        for (const bar of bars) this.sent.bars.next(bar);
      },
      () => undefined,
    );
  }

  #priceTick(symbol: TickerSymbol, { tick, price, size }: MessageOf<'tickPrice'>): void {
    const value = tickPrice(price);
    if (tick === TICK.auctionPrice) {
      this.#auction(symbol, { price: value });
      return;
    }
    if ((tick !== TICK.bid && tick !== TICK.ask) || value === undefined) return;
    const side = tick === TICK.bid ? 'bid' : 'ask';
    this.#quote(symbol, { side, price: value });
    const shares = tickShares(sizeInUnits(symbol, size));
    if (shares !== undefined) this.#quote(symbol, { side, size: shares });
  }

  #sizeTick(symbol: TickerSymbol, { tick, size }: MessageOf<'tickSize'>): void {
    const shares = tickShares(sizeInUnits(symbol, size));
    if (tick === TICK.auctionImbalance) this.#auction(symbol, { imbalance: signedShares(size) });
    else if (tick === TICK.auctionVolume) this.#auction(symbol, { volume: shares });
    else if (shares !== undefined && (tick === TICK.bidSize || tick === TICK.askSize)) {
      this.#quote(symbol, { side: tick === TICK.bidSize ? 'bid' : 'ask', size: shares });
    }
  }

  #quote(symbol: TickerSymbol, tick: QuoteTick): void {
    this.sendQuote(this.#best.take(symbol, tick, this.options.clock.now()));
  }

  #auction(symbol: TickerSymbol, change: Partial<AuctionImbalance>): void {
    const before = this.#auctions.get(symbol) ?? { volume: undefined, price: undefined, imbalance: undefined };
    const auction = { ...before, ...change, symbol, at: this.options.clock.now() };
    this.#auctions.set(symbol, auction);
    this.#imbalances.next(auction);
  }

  /** 0 is not halted, -1 not known; 1 and 2 are a halt. */
  #halt(symbol: TickerSymbol, value: number): void {
    const halted = value >= FIRST_HALTED;
    if (value < 0 || halted === this.#halted.has(symbol)) return;
    if (halted) this.#halted.add(symbol);
    else this.#halted.delete(symbol);
    this.sent.halts.next({ symbol, at: this.options.clock.now(), state: halted ? 'halted' : 'resumed' });
  }

  #vixTick(message: GatewayMessage): void {
    if (message.kind !== 'tickPrice' || (message.tick !== TICK.last && message.tick !== TICK.close)) return;
    const value = message.price === undefined ? undefined : Number(message.price.text());
    if (value !== undefined && value > 0) this.sent.vix.next({ at: this.options.clock.now(), value });
  }

  #error({ id, code, text }: MessageOf<'error'>): void {
    if (code === COMPETING_SESSION)
      this.#report('lost', `another session of the account has the market data: ${text} (${code})`);
    const line = this.#lines.get(id);
    if (line === undefined || code === NO_SUCH_LINE || isNotice(code)) return;
    this.#lines.delete(id);
    if (line.of === 'VIX') this.sent.vix.next({ at: this.options.clock.now(), value: undefined });
    else this.findings.add('LINE_REFUSED');
  }

  #report(state: FeedStatus['state'], reason: string): void {
    if (this.#state === state) return;
    this.#state = state;
    this.sayState(state, reason);
  }
}

function tooMany(count: number): Error {
  return configError({
    code: 'FEED_TOO_WIDE',
    message: `${count} symbols are more than the ${MOST_SYMBOLS} lines of market data of an account`,
    remedy: 'Lower the number of symbols, or choose another feed in MARKET_DATA.',
  });
}
