import type { Brand } from '../../kernel/brand.js';
import { Decimal } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { OptionChain } from '../options/option-chain.js';
import type { Fundamentals } from './fundamentals.js';
import type { TickerSymbol } from '../../events/names.js';

/**
 * A market price as a whole number of 1/10,000 US dollar: exact (Rule 612 allows nothing finer, and QuantConnect files
 * use this unit), and a plain number, so a million bars need no allocation. Indicators may compute with it; only
 * `priceToDecimal` converts it to money.
 */
export type Price = Brand<number, 'Price'>;
export const PRICE_SCALE = 4;

export function price(tenThousandths: number): Price {
  // the text is made only when it is needed: a year of minutes has hundreds of millions of prices
  if (!Number.isSafeInteger(tenThousandths) || tenThousandths <= 0) {
    invariant(false, 'BAD_PRICE', `${tenThousandths} is not a price in 1/10,000 dollar`);
  }
  return tenThousandths as Price;
}

export function priceToDecimal(value: Price): Decimal {
  return Decimal.of(value, PRICE_SCALE);
}

/** One minute of trades; `start` is inclusive, the bar is known at `start` + 1 minute. Volume is in shares. */
export interface Bar {
  readonly symbol: TickerSymbol;
  readonly start: EpochMs;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: number;
}

/** Whether a share was traded in the minute: without one, a row in a file has prices that nobody paid. */
export function hasTrade({ volume }: Pick<Bar, 'volume'>): boolean {
  return volume > 0;
}

export interface Ohlc {
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
}

/** One minute of quotes; sizes in shares at the end of the minute. */
export interface QuoteBar {
  readonly symbol: TickerSymbol;
  readonly start: EpochMs;
  readonly bid: Ohlc;
  readonly ask: Ohlc;
  readonly bidSize: number;
  readonly askSize: number;
}

/** One trade at the exchange; `id` is its own among the trades of its symbol in this session. */
export interface Trade {
  readonly id: string;
  readonly symbol: TickerSymbol;
  readonly at: EpochMs;
  readonly price: Price;
  /** Shares. */
  readonly size: number;
}

/** From `at` the exchange has suspended trading in a symbol, or trades it again. */
export interface HaltChange {
  readonly symbol: TickerSymbol;
  readonly at: EpochMs;
  readonly state: 'halted' | 'resumed';
}

/** The VIX as of `at`, as an index figure (not money); undefined when it is not known any more. */
export interface IndexValue {
  readonly at: EpochMs;
  readonly value: number | undefined;
}

/** What the auction of a symbol would trade as of `at`; a figure that is not known is undefined. */
export interface AuctionImbalance {
  readonly symbol: TickerSymbol;
  readonly at: EpochMs;
  /** Shares that would trade, and the price of the auction. */
  readonly volume: number | undefined;
  readonly price: Price | undefined;
  /** Shares without a counterparty, as the source signs them: negative when sellers are left over. */
  readonly imbalance: number | undefined;
}

/** An earlier day of a symbol, as traded (not adjusted). */
export interface DailyBar {
  readonly symbol: TickerSymbol;
  readonly date: string;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: number;
}

/**
 * One minute [start, end) of market data. A simulated exchange may use it from `start`; a strategy receives it at `end`,
 * never earlier (BT-5). A slice without bars is a minute without trades.
 */
export interface MarketSlice {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly bars: readonly Bar[];
  readonly quotes: readonly QuoteBar[];
  /** Symbols in which trading is halted during this minute. */
  readonly halted: readonly TickerSymbol[];
  /** Last VIX value, as an index figure (not money); undefined when the feed has none. */
  readonly vix: number | undefined;
  /** The last news of each auction in this minute, dated within it; left out when there was none. */
  readonly imbalances?: readonly AuctionImbalance[];
  /** Option chains that came in this minute; left out when none did. */
  readonly chains?: readonly OptionChain[];
}

/** Reference data of a symbol before the session opens. */
export interface SymbolReference {
  readonly symbol: TickerSymbol;
  /** Previous close, adjusted for a split that takes effect today; undefined when unknown. */
  readonly previousClose: Price | undefined;
  /** Previous day's share volume, adjusted likewise; undefined when unknown. */
  readonly previousVolume: number | undefined;
  /** Market cap in dollars; undefined when the feed does not provide it. */
  readonly marketCap: number | undefined;
  /** Left out when no provider reports the company. */
  readonly fundamentals?: Fundamentals;
}
