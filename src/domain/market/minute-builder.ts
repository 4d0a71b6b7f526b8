import type { TickerSymbol } from '../../events/names.js';
import { isOption } from '../options/contract-name.js';
import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import { isSoundImbalance } from './auction.js';
import { MinuteTrades } from './minute-trades.js';
import { isPossiblePrice, judgeBar, judgeQuote, MOST_SHARES, type Findings } from './quality.js';
import { HaltBoard } from './halt-board.js';
import type { AuctionImbalance, Bar, HaltChange, IndexValue, MarketSlice, Ohlc, QuoteBar, Trade } from './types.js';
import { isVix } from './vix.js';

export interface MinuteBuilderInit {
  /** The symbols of the session, in its order. */
  readonly symbols: readonly TickerSymbol[];
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  /** Since when the feed is heard: no bar is made from the trades of a minute that began earlier. */
  readonly heardFrom: EpochMs;
  readonly findings: Findings;
}

/** Data this far ahead of the clock is kept for its minute: clocks differ by seconds, not by minutes. */
const EARLY_MS = 2 * MINUTE_MS;

const NOTHING: readonly never[] = [];
/** Of a minute in which nothing but bars and quotes came. */
const NO_NEWS = { trades: undefined, halts: undefined, vix: undefined, imbalances: undefined } as const;

type Kind = 'BAR' | 'QUOTE' | 'TRADE' | 'IMBALANCE';

/** The data of a minute that is not closed yet; by the place of the symbol in the session. */
interface OpenMinute {
  readonly bars: (Bar | undefined)[];
  readonly quotes: (QuoteBar | undefined)[];
  trades: Map<number, MinuteTrades> | undefined;
  halts: HaltChange[] | undefined;
  vix: IndexValue | undefined;
  imbalances: (AuctionImbalance | undefined)[] | undefined;
}

/**
 * Makes minutes from what a feed sends in any order (TRD-2). A minute is closed once, by the clock of the session; what
 * comes for it afterwards is late. The same items give the same minute in every order, except that of two different
 * bars the later one counts. Holds at most the minutes that are not closed and have begun, and two more.
 */
export class MinuteBuilder {
  /** The symbols of the session, then the options that the feed began to send during it. */
  readonly #symbols: TickerSymbol[];
  readonly #places: Map<TickerSymbol, number>;
  readonly #minutes = new Map<EpochMs, OpenMinute>();
  readonly #halts: HaltBoard;
  #open: EpochMs;
  #vix: IndexValue | undefined;

  constructor(private readonly init: MinuteBuilderInit) {
    this.#symbols = [...init.symbols];
    this.#places = new Map(init.symbols.map((symbol, place) => [symbol, place]));
    this.#halts = new HaltBoard(this.#symbols);
    this.#open = init.opensAt;
  }

  /** A bar, also one of the running minute that will be replaced; `now` is the time of the session's clock. */
  bar(bar: Bar, now: EpochMs): void {
    const place = this.#placeOf('BAR', bar.symbol);
    const start = place === undefined ? undefined : this.#minuteOf('BAR', bar.start, now);
    if (place === undefined || start === undefined) return;
    const { findings } = this.init;
    const sound = isSoundBar(bar) && bar.start === start ? bar : judgeBar(bar, start, { symbol: bar.symbol, findings });
    if (sound === undefined) return;
    const { bars } = this.#minuteAt(start);
    const before = bars[place];
    if (before !== undefined) findings.add(isSameBar(before, sound) ? 'BAR_REPEATED' : 'BAR_CORRECTED');
    bars[place] = sound;
  }

  quote(quote: QuoteBar, now: EpochMs): void {
    const place = this.#placeOf('QUOTE', quote.symbol);
    const start = place === undefined ? undefined : this.#minuteOf('QUOTE', quote.start, now);
    if (place === undefined || start === undefined) return;
    const { findings } = this.init;
    const sound = isSoundQuote(quote) && quote.start === start ? quote : this.#judgedQuote(quote, start);
    if (sound === undefined) return;
    const { quotes } = this.#minuteAt(start);
    const before = quotes[place];
    if (before !== undefined) findings.add(isSameQuote(before, sound) ? 'QUOTE_REPEATED' : 'QUOTE_CORRECTED');
    quotes[place] = sound;
  }

  trade(trade: Trade, now: EpochMs): void {
    const place = this.#placeOf('TRADE', trade.symbol);
    const start = place === undefined ? undefined : this.#minuteOf('TRADE', trade.at, now);
    if (place === undefined || start === undefined) return;
    const minute = this.#minuteAt(start);
    minute.trades ??= new Map();
    let trades = minute.trades.get(place);
    if (trades === undefined) {
      trades = new MinuteTrades();
      minute.trades.set(place, trades);
    }
    const fault = trades.add(trade);
    if (fault !== undefined) this.init.findings.add(fault);
  }

  halt(change: HaltChange, now: EpochMs): void {
    const { findings } = this.init;
    if (this.#placeOf('HALT', change.symbol) === undefined) return;
    if (change.at > now + EARLY_MS) findings.add('HALT_FUTURE');
    else if (change.at < this.#open) {
      // known before the open, or reported late: the state from now on
      if (this.#open > this.init.opensAt) findings.add('HALT_LATE');
      this.#halts.apply(change);
    } else {
      const minute = this.#minuteAt(minuteOf(change.at));
      minute.halts ??= [];
      minute.halts.push(change);
    }
  }

  vix(figure: IndexValue, now: EpochMs): void {
    const { findings } = this.init;
    const { at, value } = figure;
    if (value !== undefined && !isVix(value)) findings.add('VIX_BAD_FIGURE');
    else if (at > now + EARLY_MS) findings.add('VIX_FUTURE');
    else if (at < this.#open) {
      if (this.#open > this.init.opensAt) findings.add('VIX_LATE');
      this.#vix = newer(this.#vix, figure);
    } else {
      const minute = this.#minuteAt(minuteOf(at));
      minute.vix = newer(minute.vix, figure);
    }
  }

  /** News of an auction: the newest of each symbol and minute counts. */
  imbalance(news: AuctionImbalance, now: EpochMs): void {
    const place = this.#placeOf('IMBALANCE', news.symbol);
    const start = place === undefined ? undefined : this.#minuteOf('IMBALANCE', news.at, now);
    if (place === undefined || start === undefined) return;
    if (!isSoundImbalance(news)) {
      this.init.findings.add('IMBALANCE_BAD_FIGURE');
      return;
    }
    const minute = this.#minuteAt(start);
    minute.imbalances ??= new Array<AuctionImbalance | undefined>(this.#symbols.length).fill(undefined);
    minute.imbalances[place] = newer(minute.imbalances[place], news);
  }

  /** Closes the earliest minute that is open; nothing changes it afterwards. */
  close(): MarketSlice {
    const start = this.#open;
    const end = plusMs(start, MINUTE_MS);
    const minute = this.#minutes.get(start);
    this.#minutes.delete(start);
    this.#open = end;
    this.#vix = minute?.vix ?? this.#vix;
    return {
      start,
      end,
      bars: minute === undefined ? NOTHING : this.#barsOf(minute, start),
      quotes: minute === undefined ? NOTHING : present(minute.quotes),
      halted: this.#halts.closeMinute(start, minute?.halts),
      vix: this.#vix?.value,
      ...(minute?.imbalances === undefined ? {} : { imbalances: present(minute.imbalances) }),
    };
  }

  /** The earliest open minute is known from elsewhere, such as a recording: what came for it is dropped. */
  closeAs(slice: MarketSlice): void {
    this.#minutes.delete(this.#open);
    this.#open = slice.end;
    this.#halts.setTo(slice.halted, slice.start);
    this.#vix = { at: slice.start, value: slice.vix };
  }

  /** The place of the symbol in the session; undefined for one that is not of it. An option gets one with its first data. */
  #placeOf(kind: Kind | 'HALT', symbol: TickerSymbol): number | undefined {
    const place = this.#places.get(symbol);
    if (place !== undefined) return place;
    if (!isOption(symbol)) {
      this.init.findings.add(`${kind}_UNKNOWN_SYMBOL`);
      return undefined;
    }
    this.#places.set(symbol, this.#symbols.length);
    return this.#symbols.push(symbol) - 1;
  }

  /** The open minute that `at` belongs to; undefined when the item is dropped. */
  #minuteOf(kind: Kind, at: number, now: EpochMs): EpochMs | undefined {
    const { opensAt, closesAt, findings } = this.init;
    const start = minuteOf(at);
    if (!(start >= opensAt && start < closesAt)) findings.add(`${kind}_OUTSIDE_SESSION`);
    else if (start < this.#open) findings.add(`${kind}_LATE`);
    else if (start > now + EARLY_MS) findings.add(`${kind}_FUTURE`);
    else {
      if (start > now) findings.add(`${kind}_EARLY`);
      if (start !== at && (kind === 'BAR' || kind === 'QUOTE')) findings.add(`${kind}_OFF_MINUTE`);
      return start;
    }
    return undefined;
  }

  #minuteAt(start: EpochMs): OpenMinute {
    let minute = this.#minutes.get(start);
    if (minute === undefined) {
      const { length } = this.#symbols;
      const places = <T>(): (T | undefined)[] => new Array<T | undefined>(length).fill(undefined);
      minute = { bars: places(), quotes: places(), ...NO_NEWS };
      this.#minutes.set(start, minute);
    }
    return minute;
  }

  #judgedQuote(quote: QuoteBar, start: EpochMs): QuoteBar | undefined {
    const { symbol, bid, ask, bidSize, askSize } = quote;
    const row = { start, bid: { ...bid, size: bidSize }, ask: { ...ask, size: askSize } };
    return judgeQuote(row, start, { symbol, findings: this.init.findings });
  }

  #barsOf({ bars, trades }: OpenMinute, start: EpochMs): readonly Bar[] {
    const { findings, heardFrom } = this.init;
    for (const [place, made] of trades ?? []) {
      const symbol = this.#symbols[place];
      const bar = symbol === undefined || bars[place] !== undefined ? undefined : made.bar(symbol, start);
      if (bar === undefined) continue;
      if (start < heardFrom) findings.add('TRADE_PART_OF_MINUTE');
      else {
        findings.add('BAR_FROM_TRADES');
        bars[place] = bar;
      }
    }
    return present(bars);
  }
}

function minuteOf(at: number): EpochMs {
  return (at - (at % MINUTE_MS)) as EpochMs;
}

function newer<T extends { readonly at: EpochMs }>(known: T | undefined, figure: T): T {
  return known === undefined || figure.at >= known.at ? figure : known;
}

function present<T>(items: readonly (T | undefined)[]): readonly T[] {
  const found: T[] = [];
  for (const item of items) if (item !== undefined) found.push(item);
  return found;
}

function isSoundSide({ open, high, low, close }: Ohlc): boolean {
  const whole = Number.isInteger(open) && Number.isInteger(high) && Number.isInteger(low) && Number.isInteger(close);
  return (
    whole && isPossiblePrice(low) && isPossiblePrice(high) && isBetween(open, low, high) && isBetween(close, low, high)
  );
}

function isBetween(figure: number, low: number, high: number): boolean {
  return figure >= low && figure <= high;
}

function isCount(figure: number): boolean {
  return Number.isInteger(figure) && figure >= 0 && figure <= MOST_SHARES;
}

/** True for a bar that no rule changes: the usual one, in one look. */
function isSoundBar(bar: Bar): boolean {
  return isSoundSide(bar) && isCount(bar.volume);
}

function isSoundQuote({ bid, ask, bidSize, askSize }: QuoteBar): boolean {
  const uncrossed = bid.open <= ask.open && bid.high <= ask.high && bid.low <= ask.low && bid.close <= ask.close;
  return uncrossed && isSoundSide(bid) && isSoundSide(ask) && isCount(bidSize) && isCount(askSize);
}

function isSameSide(a: Ohlc, b: Ohlc): boolean {
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close;
}

function isSameBar(a: Bar, b: Bar): boolean {
  return isSameSide(a, b) && a.volume === b.volume;
}

function isSameQuote(a: QuoteBar, b: QuoteBar): boolean {
  return isSameSide(a.bid, b.bid) && isSameSide(a.ask, b.ask) && a.bidSize === b.bidSize && a.askSize === b.askSize;
}
