import { SyntheticFeed } from '../../../src/adapters/feed-synthetic/synthetic-feed.js';
import { exchangeDateOf, sessionOf, type ExchangeSession } from '../../../src/domain/calendar/nyse.js';
import { priceToDecimal, type Bar, type MarketSlice, type SymbolReference } from '../../../src/domain/market/types.js';
import { parseSymbol } from '../../../src/events/names.js';
import type { Clock, DateText, EpochMs } from '../../../src/kernel/time.js';
import type { EmulatedExchange } from './exchange.js';

export interface MarketOptions {
  readonly seed: number;
  readonly symbols: readonly string[];
  readonly clock: Clock;
}

/**
 * Prices of whole days by seed, as they become known: a minute is reported when it is over, and moves the prices of the exchange.
 * History and live data are the same figures.
 */
export class EmulatedMarket {
  readonly #feed: SyntheticFeed;
  readonly #days = new Map<DateText, readonly MarketSlice[]>();
  readonly #listeners = new Set<(slice: MarketSlice) => void>();
  #reported: EpochMs;

  constructor(private readonly options: MarketOptions) {
    const symbols = options.symbols.map(parseSymbol);
    this.#feed = new SyntheticFeed({ seed: options.seed, symbols, unknownTickers: 'invent' });
    this.#reported = options.clock.now();
  }

  /** The minutes of a day that are over, oldest first; none on a day without a session. */
  minutes(date: DateText, until: EpochMs = this.options.clock.now()): readonly MarketSlice[] {
    return this.#slices(date).filter(({ end }) => end <= until);
  }

  /** Bars of a symbol that are over and start in [from, to). */
  bars(symbol: string, from: EpochMs, to: EpochMs): readonly Bar[] {
    const date = exchangeDateOf(from);
    return this.minutes(date).flatMap(({ bars }) =>
      bars.filter((bar) => bar.symbol === symbol && bar.start >= from && bar.start < to),
    );
  }

  /** Previous closes and volumes of a day. */
  references(date: DateText): readonly SymbolReference[] {
    return this.#feed.openSession(date).references;
  }

  onMinute(listener: (slice: MarketSlice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reports every minute that ended since the last call, and moves the prices of `exchange` with it. */
  advance(exchange: EmulatedExchange): void {
    const now = this.options.clock.now();
    for (const slice of this.minutes(exchangeDateOf(now), now)) {
      if (slice.end <= this.#reported) continue;
      this.#reported = slice.end;
      for (const bar of slice.bars) exchange.setPrice(bar.symbol, priceToDecimal(bar.close));
      for (const listener of [...this.#listeners]) listener(slice);
    }
  }

  session(date: DateText): ExchangeSession | undefined {
    return sessionOf(date);
  }

  #slices(date: DateText): readonly MarketSlice[] {
    let slices = this.#days.get(date);
    if (slices === undefined) {
      const session = sessionOf(date);
      slices = session === undefined ? [] : [...this.#feed.openSession(date).slices(session.opensAt, session.closesAt)];
      this.#days.set(date, slices);
    }
    return slices;
  }
}
