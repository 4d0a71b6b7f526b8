import type { Ohlc, Price, QuoteBar } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import type { EpochMs } from '../../kernel/time.js';
import { minuteOf } from './minutes.js';

/** A quote of a stream; a side without an offer has no price. */
export interface SingleQuote {
  readonly symbol: TickerSymbol;
  readonly at: EpochMs;
  readonly bid: Price | undefined;
  readonly ask: Price | undefined;
  readonly bidSize: number;
  readonly askSize: number;
}

interface Running {
  readonly start: EpochMs;
  bid: Ohlc;
  ask: Ohlc;
  bidSize: number;
  askSize: number;
}

/** One side of a minute after one more price; that of its first price when nothing was before. */
export function grown(side: Ohlc | undefined, price: Price): Ohlc {
  if (side === undefined) return { open: price, high: price, low: price, close: price };
  const high = price > side.high ? price : side.high;
  return { open: side.open, high, low: price < side.low ? price : side.low, close: price };
}

/** Makes minutes of single quotes: one for each symbol, given when its minute is over. */
export class QuoteMinutes {
  readonly #running = new Map<TickerSymbol, Running>();

  /** Takes a quote with both sides; the minute before it, when this one begins another. */
  take({ symbol, at, bid, ask, bidSize, askSize }: SingleQuote): QuoteBar | undefined {
    if (bid === undefined || ask === undefined) return undefined;
    const start = minuteOf(at);
    const known = this.#running.get(symbol);
    if (known !== undefined && start < known.start) return undefined;
    if (known?.start === start) {
      Object.assign(known, { bid: grown(known.bid, bid), ask: grown(known.ask, ask), bidSize, askSize });
      return undefined;
    }
    this.#running.set(symbol, { start, bid: grown(undefined, bid), ask: grown(undefined, ask), bidSize, askSize });
    return known === undefined ? undefined : { symbol, ...known };
  }

  /** Minutes that began at `start` or earlier and are over by it. */
  endedBy(start: EpochMs): readonly QuoteBar[] {
    const ended = [...this.#running].filter(([, running]) => running.start <= start);
    for (const [symbol] of ended) this.#running.delete(symbol);
    return ended.map(([symbol, running]) => ({ symbol, ...running }));
  }
}
