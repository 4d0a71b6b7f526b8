import type { TickerSymbol } from '../../events/names.js';
import type { EpochMs } from '../../kernel/time.js';
import { isPossiblePrice, MOST_SHARES, roundHalfEven } from './quality.js';
import type { Bar, Price, Trade } from './types.js';

/** A share trades a few thousand times in a busy minute. */
const MOST_TRADES = 20_000;

/** The trades of one symbol in one minute: the same bar in whatever order they come. */
export class MinuteTrades {
  readonly #ids = new Set<string>();
  #first: Trade | undefined;
  #last: Trade | undefined;
  #high = 0;
  #low = Infinity;
  #shares = 0;

  /** Adds a trade; the rule that drops it instead. */
  add(trade: Trade): 'TRADE_REPEATED' | 'TRADE_BAD_FIGURE' | 'TRADE_TOO_MANY' | undefined {
    const { id, price, size } = trade;
    if (!Number.isInteger(price) || !isPossiblePrice(price) || !(size > 0 && size <= MOST_SHARES)) {
      return 'TRADE_BAD_FIGURE';
    }
    if (this.#ids.has(id)) return 'TRADE_REPEATED';
    if (this.#ids.size >= MOST_TRADES) return 'TRADE_TOO_MANY';
    this.#ids.add(id);
    if (this.#first === undefined || isBefore(trade, this.#first)) this.#first = trade;
    if (this.#last === undefined || isBefore(this.#last, trade)) this.#last = trade;
    this.#high = Math.max(this.#high, price);
    this.#low = Math.min(this.#low, price);
    this.#shares += size;
    return undefined;
  }

  /** Undefined without a trade. */
  bar(symbol: TickerSymbol, start: EpochMs): Bar | undefined {
    if (this.#first === undefined || this.#last === undefined) return undefined;
    return {
      symbol,
      start,
      open: this.#first.price,
      high: this.#high as Price,
      low: this.#low as Price,
      close: this.#last.price,
      volume: roundHalfEven(this.#shares),
    };
  }
}

/** By time; trades of one instant by id, so that their order does not depend on how they arrive. */
function isBefore(a: Trade, b: Trade): boolean {
  return a.at === b.at ? a.id < b.id : a.at < b.at;
}
