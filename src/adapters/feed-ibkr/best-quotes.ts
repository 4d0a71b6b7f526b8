import type { Ohlc, Price, QuoteBar } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { MINUTE_MS, type EpochMs } from '../../kernel/time.js';
import { minuteOf } from '../feed-common/minutes.js';
import { grown } from '../feed-common/quote-minutes.js';

/** A change of one side, or of its size. */
export type QuoteTick =
  { readonly side: 'bid' | 'ask'; readonly price: Price } | { readonly side: 'bid' | 'ask'; readonly size: number };

interface Side {
  last: Price | undefined;
  size: number;
  minute: Ohlc | undefined;
}

interface Best {
  start: EpochMs;
  readonly bid: Side;
  readonly ask: Side;
}

const side = (): Side => ({ last: undefined, size: 0, minute: undefined });

/** Minutes of the best quotes: a side that does not change in a minute stands at its last price. */
export class BestQuotes {
  readonly #best = new Map<TickerSymbol, Best>();

  /** A tick at `at`; the minute before it, when it is over and both sides are known. */
  take(symbol: TickerSymbol, tick: QuoteTick, at: EpochMs): QuoteBar | undefined {
    const best = this.#best.get(symbol) ?? { start: minuteOf(at), bid: side(), ask: side() };
    this.#best.set(symbol, best);
    const ended = this.#endBy(symbol, best, minuteOf(at));
    const changed = best[tick.side];
    if ('size' in tick) changed.size = tick.size;
    else {
      changed.last = tick.price;
      changed.minute = grown(changed.minute, tick.price);
    }
    return ended;
  }

  /** The minute of a symbol that began at `start` is over. */
  ended(symbol: TickerSymbol, start: EpochMs): QuoteBar | undefined {
    const best = this.#best.get(symbol);
    return best === undefined ? undefined : this.#endBy(symbol, best, (start + MINUTE_MS) as EpochMs);
  }

  /** Nobody knows the quotes any more. */
  forget(): void {
    this.#best.clear();
  }

  #endBy(symbol: TickerSymbol, best: Best, now: EpochMs): QuoteBar | undefined {
    if (now <= best.start) return undefined;
    const { start, bid, ask } = best;
    best.start = now;
    const [bidMinute, askMinute] = [standing(bid), standing(ask)];
    [bid.minute, ask.minute] = [undefined, undefined];
    if (bidMinute === undefined || askMinute === undefined) return undefined;
    return { symbol, start, bid: bidMinute, ask: askMinute, bidSize: bid.size, askSize: ask.size };
  }
}

function standing({ minute, last }: Side): Ohlc | undefined {
  if (minute !== undefined) return minute;
  return last === undefined ? undefined : grown(undefined, last);
}
