import type { Observable } from 'rxjs';
import type { TickerSymbol } from '../events/names.js';
import type { Bar, DailyBar, MarketSlice, Price, QuoteBar, SymbolReference } from '../domain/market/types.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { DateText, EpochMs } from '../kernel/time.js';

export interface Trade {
  readonly symbol: TickerSymbol;
  readonly at: EpochMs;
  readonly price: Price;
  readonly size: number;
}

export type FeedStatus = {
  readonly at: EpochMs;
  readonly state: 'connected' | 'lost' | 'ended';
  readonly reason: string;
};

/** Findings of bad data: count by rule (TRD-2). */
export type DataFindings = Readonly<Record<string, number>>;

export interface FeedDescription {
  readonly kind: 'lean' | 'csv' | 'synthetic';
  /** Description without machine paths. */
  readonly description: string;
  readonly seed: number | null;
  readonly symbols: readonly TickerSymbol[];
  /** Digest of the data files or of the generator settings. */
  readonly sha256: Sha256Hex;
}

/** One day of a feed that can be played at any speed and drives the virtual clock. */
export interface RecordedSession {
  readonly date: DateText;
  readonly references: readonly SymbolReference[];
  readonly description: FeedDescription;
  /** One slice per minute over [from, to), gaps included, in order. Lazy, synchronous, repeatable. */
  slices(from: EpochMs, to: EpochMs): Iterable<MarketSlice>;
  findings(): DataFindings;
}

/** Market data (TRD-1). The observables emit the slices given to `play`: consumers work the same live and in replay. */
export interface MarketDataFeed {
  readonly bars$: Observable<Bar>;
  readonly quotes$: Observable<QuoteBar>;
  readonly trades$: Observable<Trade>;
  readonly status$: Observable<FeedStatus>;
  /**
   * Opens a complete day or throws: a missing folder, a date without data, an unknown symbol and a corrupt file are
   * DataErrors that name the cause and the remedy.
   */
  openSession(date: DateText): RecordedSession;
  /** Days before `before`, oldest first, at most `days`. */
  history(symbol: TickerSymbol, before: DateText, days: number): readonly DailyBar[];
  lastPrice(symbol: TickerSymbol): Price | undefined;
  /** Emits a slice on the observables. */
  play(slice: MarketSlice): void;
}
