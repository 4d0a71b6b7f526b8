import { invariant } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { TickerSymbol } from '../../events/names.js';
import { Adx } from './indicators/adx.js';
import { Atr } from './indicators/atr.js';
import { Bollinger, type BollingerBands } from './indicators/bollinger.js';
import { Rsi } from './indicators/rsi.js';
import { Vwap } from './indicators/vwap.js';
import { isOption, type OptionRight } from '../options/contract-name.js';
import type { OptionChain } from '../options/option-chain.js';
import {
  hasTrade,
  type AuctionImbalance,
  type Bar,
  type MarketSlice,
  type Price,
  type QuoteBar,
  type SymbolReference,
} from './types.js';

/** Trades over some minutes: first open, highest high, lowest low, last close, shares, number of minutes with a trade. */
export interface RangeFigures {
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: number;
  readonly bars: number;
}

/**
 * One symbol in this session up to now. Prices are in 1/10,000 dollar; indicators are floats in the same unit (adx and
 * rsi: 0 to 100) over the minutes of this session, undefined until they have enough bars.
 */
export interface SymbolView {
  readonly symbol: TickerSymbol;
  readonly reference: SymbolReference;
  /** The last minute in which a share was traded; minutes without one have no price and are not bars here. */
  readonly lastBar: Bar | undefined;
  /** Close of the last bar. */
  readonly lastPrice: Price | undefined;
  /** At the end of the last minute with a quote. */
  readonly bid: Price | undefined;
  readonly ask: Price | undefined;
  readonly lastBarEnd: EpochMs | undefined;
  /** End of the last minute that the feed reported, also one in which nobody traded. */
  readonly lastReportEnd: EpochMs | undefined;
  /** Whether trading was halted in the last minute. */
  readonly halted: boolean;
  /** Start of the first of the minutes without a break in which trading was halted; undefined unless it is halted. */
  readonly haltedSince: EpochMs | undefined;
  /** The last news of an auction in this session; undefined before the first. */
  readonly auction: AuctionImbalance | undefined;
  readonly barCount: number;
  /** Shares since the session opened. */
  readonly volume: number;
  readonly sessionOpen: Price | undefined;
  readonly sessionHigh: Price | undefined;
  readonly sessionLow: Price | undefined;
  /** Since the open, by typical price. */
  readonly vwap: number | undefined;
  /** Wilder, 14 bars. */
  readonly adx: number | undefined;
  /** Wilder, 14 bars. */
  readonly atr: number | undefined;
  /** Wilder, 14 bars. */
  readonly rsi: number | undefined;
  /** 20 bars, 2 population standard deviations. */
  readonly bollinger: BollingerBands | undefined;
  /** Mean of the last `period` closes; undefined with fewer bars. */
  sma(period: number): number | undefined;
  /** Figures over the bars that start in [from, to); undefined without a bar. O(bars of the range). */
  range(from: EpochMs, to: EpochMs): RangeFigures | undefined;
  /** Up to `count` last closes, oldest first. */
  closes(count: number): readonly Price[];
  /** All bars of the session so far, oldest first. O(bars). */
  bars(): readonly Bar[];
}

/** A feed that reports that it sends nothing. */
export interface FeedLoss {
  readonly reason: string;
}

export interface MarketViewInit {
  readonly references: readonly SymbolReference[];
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

/**
 * The market as a strategy sees it: only minutes that have ended (BT-5). Mutable inside, but the same slices always give
 * the same view. O(1) per bar.
 */
export class MarketView {
  /** The shares of the session, in its order. Options are known by their names alone and are none of them: nobody ranks one. */
  readonly symbols: readonly TickerSymbol[];
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  private readonly bySymbol = new Map<TickerSymbol, SymbolState>();
  private readonly haltedNow: SymbolState[] = [];
  private clock: EpochMs;
  private lastVix: number | undefined;
  private lost: FeedLoss | undefined;
  private readonly chains = new Map<string, OptionChain>();

  constructor(init: MarketViewInit) {
    this.opensAt = init.opensAt;
    this.closesAt = init.closesAt;
    this.clock = init.opensAt;
    for (const reference of init.references) {
      invariant(
        !this.bySymbol.has(reference.symbol),
        'SYMBOL_TWICE',
        `${reference.symbol} is listed twice in the session`,
      );
      this.bySymbol.set(reference.symbol, new SymbolState(reference));
    }
    this.symbols = init.references.map((reference) => reference.symbol);
  }

  /** End of the last minute seen; the open before the first. */
  get now(): EpochMs {
    return this.clock;
  }

  /** Last known VIX as an index figure; undefined when the feed has none. */
  get vix(): number | undefined {
    return this.lastVix;
  }

  /** Why the feed sends nothing now, in its own words; undefined while it is connected or says nothing of it. */
  get feedLoss(): FeedLoss | undefined {
    return this.lost;
  }

  /** The feed reports that it is lost, or with undefined that it is back. */
  setFeedLoss(lost: FeedLoss | undefined): void {
    this.lost = lost;
  }

  /** The newest chain of the options of a symbol in one direction; undefined before the first. */
  optionsOf(symbol: TickerSymbol, right: OptionRight): OptionChain | undefined {
    return this.chains.get(`${symbol}/${right}`);
  }

  of(symbol: TickerSymbol): SymbolView {
    return this.stateOf(symbol);
  }

  /** Whether any symbol was halted in the last minute. */
  get hasHalts(): boolean {
    return this.haltedNow.length > 0;
  }

  /** Whether `of` knows a symbol: a share of the session, or any option. */
  knows(symbol: TickerSymbol): boolean {
    return this.bySymbol.has(symbol) || isOption(symbol);
  }

  /** Applies a minute that has ended. Minutes come in order; gaps are allowed, repeats are not. */
  apply(slice: MarketSlice): void {
    if (slice.start < this.clock || slice.end <= slice.start) this.refuse(slice);
    for (const bar of slice.bars) this.stateOf(bar.symbol).addBar(bar, slice.end);
    for (const quote of slice.quotes) this.stateOf(quote.symbol).addQuote(quote);
    if (this.haltedNow.length > 0 || slice.halted.length > 0) this.setHalted(slice);
    for (const news of slice.imbalances ?? []) this.stateOf(news.symbol).auction = news;
    for (const chain of slice.chains ?? []) this.chains.set(`${chain.symbol}/${chain.right}`, chain);
    if (slice.vix !== undefined) this.lastVix = slice.vix;
    this.clock = slice.end;
  }

  private setHalted({ halted, start }: Pick<MarketSlice, 'halted' | 'start'>): void {
    for (const state of this.haltedNow) if (!halted.includes(state.symbol)) state.haltedSince = undefined;
    this.haltedNow.length = 0;
    for (const symbol of halted) {
      const state = this.stateOf(symbol);
      state.haltedSince ??= start;
      this.haltedNow.push(state);
    }
  }

  private stateOf(symbol: TickerSymbol): SymbolState {
    const known = this.bySymbol.get(symbol);
    if (known !== undefined) return known;
    if (!isOption(symbol)) invariant(false, 'UNKNOWN_SYMBOL', `${symbol} is not part of this session`);
    const state = new SymbolState({ symbol, ...NO_REFERENCE });
    this.bySymbol.set(symbol, state);
    return state;
  }

  private refuse(slice: MarketSlice): never {
    invariant(
      false,
      'SLICE_OUT_OF_ORDER',
      `the minute [${slice.start}, ${slice.end}) arrived when the market was already at ${this.clock}`,
    );
  }
}

/** Of an option nothing is known before its first quote. */
const NO_REFERENCE = { previousClose: undefined, previousVolume: undefined, marketCap: undefined } as const;

const FIRST_CAPACITY = 512;
const COLUMNS = 7;
const START = 0;
const OPEN = 1;
const HIGH = 2;
const LOW = 3;
const CLOSE = 4;
const VOLUME = 5;
/** Sum of the closes up to and including this bar: whole numbers, exact below 2^53; gives any SMA in O(1). */
const CLOSE_SUM = 6;

class SymbolState implements SymbolView {
  readonly symbol: TickerSymbol;
  lastBar: Bar | undefined;
  lastBarEnd: EpochMs | undefined;
  lastReportEnd: EpochMs | undefined;
  bid: Price | undefined;
  ask: Price | undefined;
  haltedSince: EpochMs | undefined;
  auction: AuctionImbalance | undefined;
  barCount = 0;
  volume = 0;
  sessionOpen: Price | undefined;
  sessionHigh: Price | undefined;
  sessionLow: Price | undefined;
  /** Bars row by row, COLUMNS numbers each: one cache line and no object per bar. */
  private rows = new Float64Array(FIRST_CAPACITY * COLUMNS);
  private closeSum = 0;
  private readonly vwapOfDay = new Vwap();
  private readonly adxOfDay = new Adx();
  private readonly atrOfDay = new Atr();
  private readonly rsiOfDay = new Rsi();
  private readonly bands = new Bollinger();

  constructor(readonly reference: SymbolReference) {
    this.symbol = reference.symbol;
  }

  addBar(bar: Bar, end: EpochMs): void {
    this.lastReportEnd = end;
    if (!hasTrade(bar)) return;
    const { high, low, close, volume } = bar;
    this.store(bar);
    this.volume += volume;
    this.sessionOpen ??= bar.open;
    if (this.sessionHigh === undefined || high > this.sessionHigh) this.sessionHigh = high;
    if (this.sessionLow === undefined || low < this.sessionLow) this.sessionLow = low;
    this.vwapOfDay.update(high, low, close, volume);
    this.adxOfDay.update(high, low, close);
    this.atrOfDay.update(high, low, close);
    this.rsiOfDay.update(close);
    this.bands.update(close);
    this.lastBar = bar;
    this.lastBarEnd = end;
  }

  addQuote(quote: QuoteBar): void {
    this.bid = quote.bid.close;
    this.ask = quote.ask.close;
  }

  get lastPrice(): Price | undefined {
    return this.lastBar?.close;
  }

  get halted(): boolean {
    return this.haltedSince !== undefined;
  }

  get vwap(): number | undefined {
    return this.vwapOfDay.value;
  }

  get adx(): number | undefined {
    return this.adxOfDay.value;
  }

  get atr(): number | undefined {
    return this.atrOfDay.value;
  }

  get rsi(): number | undefined {
    return this.rsiOfDay.value;
  }

  get bollinger(): BollingerBands | undefined {
    return this.bands.value;
  }

  sma(period: number): number | undefined {
    if (!Number.isInteger(period) || period < 1)
      invariant(false, 'BAD_PERIOD', `an average needs a whole number of bars, not ${period}`);
    if (period > this.barCount) return undefined;
    const before = period === this.barCount ? 0 : this.cell(this.barCount - period - 1, CLOSE_SUM);
    return (this.closeSum - before) / period;
  }

  range(from: EpochMs, to: EpochMs): RangeFigures | undefined {
    const first = this.firstAtOrAfter(from);
    let high = 0;
    let low = Infinity;
    let volume = 0;
    let row = first;
    for (; row < this.barCount && this.cell(row, START) < to; row += 1) {
      high = Math.max(high, this.cell(row, HIGH));
      low = Math.min(low, this.cell(row, LOW));
      volume += this.cell(row, VOLUME);
    }
    if (row === first) return undefined;
    return {
      open: this.cell(first, OPEN) as Price,
      high: high as Price,
      low: low as Price,
      close: this.cell(row - 1, CLOSE) as Price,
      volume,
      bars: row - first,
    };
  }

  closes(count: number): readonly Price[] {
    const closes: Price[] = [];
    for (let row = Math.max(0, this.barCount - count); row < this.barCount; row += 1) {
      closes.push(this.cell(row, CLOSE) as Price);
    }
    return closes;
  }

  bars(): readonly Bar[] {
    return Array.from({ length: this.barCount }, (_, row) => ({
      symbol: this.symbol,
      start: this.cell(row, START) as EpochMs,
      open: this.cell(row, OPEN) as Price,
      high: this.cell(row, HIGH) as Price,
      low: this.cell(row, LOW) as Price,
      close: this.cell(row, CLOSE) as Price,
      volume: this.cell(row, VOLUME),
    }));
  }

  private store(bar: Bar): void {
    const at = this.barCount * COLUMNS;
    if (at === this.rows.length) this.grow();
    const { rows } = this;
    this.closeSum += bar.close;
    rows[at + START] = bar.start;
    rows[at + OPEN] = bar.open;
    rows[at + HIGH] = bar.high;
    rows[at + LOW] = bar.low;
    rows[at + CLOSE] = bar.close;
    rows[at + VOLUME] = bar.volume;
    rows[at + CLOSE_SUM] = this.closeSum;
    this.barCount += 1;
  }

  private grow(): void {
    const wider = new Float64Array(this.rows.length * 2);
    wider.set(this.rows);
    this.rows = wider;
  }

  private firstAtOrAfter(start: EpochMs): number {
    let low = 0;
    let high = this.barCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.cell(middle, START) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private cell(row: number, column: number): number {
    return this.rows[row * COLUMNS + column] ?? 0;
  }
}
