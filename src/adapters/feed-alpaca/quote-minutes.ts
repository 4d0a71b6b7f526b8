import type { Ohlc, Price, QuoteBar } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { MINUTE_MS, type EpochMs } from '../../kernel/time.js';
import type { SingleQuote } from './messages.js';

interface Running {
  readonly start: EpochMs;
  bid: Ohlc;
  ask: Ohlc;
  bidSize: number;
  askSize: number;
}

const flat = (price: Price): Ohlc => ({ open: price, high: price, low: price, close: price });

function grown(side: Ohlc, price: Price): Ohlc {
  const high = price > side.high ? price : side.high;
  return { open: side.open, high, low: price < side.low ? price : side.low, close: price };
}

/** Makes minutes of single quotes: one for each symbol, given when its minute is over. */
export class QuoteMinutes {
  readonly #running = new Map<TickerSymbol, Running>();

  /** Takes a quote with both sides; the minute before it, when this one begins another. */
  take({ symbol, at, bid, ask, bidSize, askSize }: SingleQuote): QuoteBar | undefined {
    if (bid === undefined || ask === undefined) return undefined;
    const start = (at - (at % MINUTE_MS)) as EpochMs;
    const known = this.#running.get(symbol);
    if (known !== undefined && start < known.start) return undefined;
    if (known?.start === start) {
      Object.assign(known, { bid: grown(known.bid, bid), ask: grown(known.ask, ask), bidSize, askSize });
      return undefined;
    }
    this.#running.set(symbol, { start, bid: flat(bid), ask: flat(ask), bidSize, askSize });
    return known === undefined ? undefined : { symbol, ...known };
  }

  /** Minutes that began at `start` or earlier and are over by it. */
  endedBy(start: EpochMs): readonly QuoteBar[] {
    const ended = [...this.#running].filter(([, running]) => running.start <= start);
    for (const [symbol] of ended) this.#running.delete(symbol);
    return ended.map(([symbol, running]) => ({ symbol, ...running }));
  }
}
