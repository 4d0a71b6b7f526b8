import { priceToDecimal, type MarketSlice, type Price } from '../../../src/domain/market/types.js';
import { MINUTE_MS, SECOND_MS } from '../../../src/kernel/time.js';
import type { Streams } from './streams.js';

/** Seconds of a minute at which its four prices trade; the last quote comes after them. */
const AT_SECONDS = [5, 20, 35, 50] as const;
const QUOTE_AT = 55;

/** What the stream of market events sends of a minute: its trades and its last quote, with prices and sizes as texts. */
export class MarketFrames {
  readonly #volumes = new Map<string, number>();

  constructor(private readonly streams: Streams) {}

  readonly minute = ({ start, bars, quotes }: MarketSlice): void => {
    for (const bar of bars) {
      const prices: readonly Price[] = [bar.open, bar.high, bar.low, bar.close];
      const size = Math.floor(bar.volume / prices.length);
      prices.forEach((price, n) => {
        const shares = n === prices.length - 1 ? bar.volume - size * (prices.length - 1) : size;
        this.trade(bar.symbol, price, shares, start + (AT_SECONDS[n] ?? 0) * SECOND_MS);
      });
    }
    for (const { symbol, bid, ask, bidSize, askSize } of quotes) {
      const date = String(start + Math.min(QUOTE_AT * SECOND_MS, MINUTE_MS - 1));
      this.#send(symbol, {
        ...{ type: 'quote', symbol, bid: priceText(bid.close), bidsz: String(bidSize), bidexch: 'Q', biddate: date },
        ...{ ask: priceText(ask.close), asksz: String(askSize), askexch: 'Q', askdate: date },
      });
    }
  };

  trade(symbol: string, price: Price, shares: number, at: number): void {
    if (shares <= 0) return;
    const cvol = (this.#volumes.get(symbol) ?? 0) + shares;
    this.#volumes.set(symbol, cvol);
    const text = priceText(price);
    this.#send(symbol, {
      type: 'trade',
      symbol,
      exch: 'Q',
      price: text,
      size: String(shares),
      cvol: String(cvol),
      date: String(at),
      last: text,
    });
  }

  #send(symbol: string, message: object): void {
    this.streams.send('markets', symbol, message, (symbols) => symbols.includes(symbol));
  }
}

function priceText(price: Price): string {
  return priceToDecimal(price).shortText(2);
}
