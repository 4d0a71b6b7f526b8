import type { Brand } from '../../kernel/brand.js';
import { Decimal } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';
import type { EpochMs } from '../../kernel/time.js';
import type { TickerSymbol } from '../../events/names.js';

/**
 * A price of market data as a whole number of 1/10,000 US dollar: exact (Rule 612 quotes nothing finer, and it is the
 * unit of the QuantConnect files), and an ordinary number, so a million bars cost no allocation.
 * Indicators may compute with it; money is made by `priceToDecimal` only.
 */
export type Price = Brand<number, 'Price'>;
export const PRICE_SCALE = 4;

export function price(tenThousandths: number): Price {
  invariant(
    Number.isSafeInteger(tenThousandths) && tenThousandths > 0,
    'BAD_PRICE',
    `${tenThousandths} is not a price in 1/10,000 dollar`,
  );
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

export interface Ohlc {
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
}

/** One minute of quotes; sizes in shares, as they stood at its end. */
export interface QuoteBar {
  readonly symbol: TickerSymbol;
  readonly start: EpochMs;
  readonly bid: Ohlc;
  readonly ask: Ohlc;
  readonly bidSize: number;
  readonly askSize: number;
}

/** A day of a symbol before the session, as traded (not adjusted). */
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
 * All that happened in one minute [start, end): a simulated exchange may look at it from `start`; a strategy is given
 * it at `end`, never earlier (BT-5). A slice without bars is a minute in which nothing traded.
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
}

/** What a session knows of a symbol before it opens. */
export interface SymbolReference {
  readonly symbol: TickerSymbol;
  /** Close of the day before, adjusted to today's shares where a split took effect; undefined when unknown. */
  readonly previousClose: Price | undefined;
  /** Shares traded on the day before, adjusted alike; undefined when unknown. */
  readonly previousVolume: number | undefined;
  /** Market capitalisation in dollars; undefined when the feed has no such figure. */
  readonly marketCap: number | undefined;
}
