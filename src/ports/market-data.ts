import type { Observable } from 'rxjs';
import type {
  AuctionImbalance,
  Bar,
  HaltChange,
  IndexValue,
  MarketSlice,
  QuoteBar,
  SymbolReference,
  Trade,
} from '../domain/market/types.js';
import type { OptionChain } from '../domain/options/option-chain.js';
import type { TickerSymbol } from '../events/names.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { DateText, EpochMs } from '../kernel/time.js';

/** State of the feed since `at`; `ended`: it sends no more data in this session. */
export type FeedStatus = {
  readonly at: EpochMs;
  readonly state: 'connected' | 'lost' | 'ended';
  readonly reason: string;
};

/** Findings of bad data: count by rule (TRD-2). */
export type DataFindings = Readonly<Record<string, number>>;

/** Sources of market data: recorded days, an invented market, and the feeds of vendors. */
export const FEED_KINDS = ['lean', 'csv', 'synthetic', 'alpaca', 'tradier', 'ibkr', 'finnhub'] as const;

export interface FeedDescription {
  readonly kind: (typeof FEED_KINDS)[number];
  /** Description without machine paths. */
  readonly description: string;
  readonly seed: number | null;
  readonly symbols: readonly TickerSymbol[];
  /** Digest of the data files or of the generator settings. */
  readonly sha256: Sha256Hex;
}

/** What a feed knows of a day before the session opens, and what it found wrong with its data. */
export interface MarketDay {
  readonly date: DateText;
  readonly references: readonly SymbolReference[];
  readonly description: FeedDescription;
  findings(): DataFindings;
}

/**
 * Market data as it happens (TRD-1). Items may come late, twice and out of order: `MinuteBuilder` makes minutes of them.
 * Nothing is asked for ahead of the clock, and nothing twice.
 */
export interface MarketDataFeed {
  readonly bars$: Observable<Bar>;
  readonly quotes$: Observable<QuoteBar>;
  readonly trades$: Observable<Trade>;
  readonly halts$: Observable<HaltChange>;
  readonly vix$: Observable<IndexValue>;
  /** Imbalances of auctions as they change; absent for a feed without them. */
  readonly imbalances$?: Observable<AuctionImbalance>;
  /** Option chains as they are known; absent for a feed without them. */
  readonly chains$?: Observable<OptionChain>;
  readonly status$: Observable<FeedStatus>;
  /** How long after the end of a minute its data is still on time, in milliseconds. */
  readonly settlesAfterMs: number;
  /**
   * Subscribes to a day, or throws: a missing folder, a date without data, an unknown symbol and a corrupt file are
   * DataErrors that name the cause and the remedy.
   */
  open(date: DateText): MarketDay;
  /**
   * Loads what `open` gives of a day, such as the previous closes; awaited before it. Absent for a feed that has it at hand.
   * Throws NetworkError (retry) and ConfigError like the calls of a broker.
   */
  prepare?(date: DateText): Promise<void>;
  /**
   * Sends the data of an option too from now on, until the day ends: bars of its bids and minutes of its quotes, in units of the
   * underlying. Said again for the same one it does nothing. Absent for a feed without options.
   */
  follow?(option: TickerSymbol): void;
  /** Ends the subscriptions and the connection, when the session is over; absent for a feed without one. It does not throw. */
  close?(): void;
  /** Minutes of the open day that ended in (from, to], as far as the feed can give them again; absent when it cannot. */
  backfill?(from: EpochMs, to: EpochMs): Promise<readonly MarketSlice[]>;
}

/** A feed with the members of the one below, but for `own`: none of them is forgotten, or this does not compile. */
export function wrapFeed(below: MarketDataFeed, own: Partial<MarketDataFeed>): MarketDataFeed {
  const { bars$, quotes$, trades$, halts$, vix$, imbalances$, chains$, status$, settlesAfterMs } = below;
  const members: Record<keyof Required<MarketDataFeed>, unknown> = {
    ...{ bars$, quotes$, trades$, halts$, vix$, imbalances$, chains$, status$, settlesAfterMs },
    open: (date: DateText) => below.open(date),
    prepare: below.prepare?.bind(below),
    backfill: below.backfill?.bind(below),
    follow: below.follow?.bind(below),
    close: below.close?.bind(below),
    ...own,
  };
  return Object.fromEntries(
    Object.entries(members).filter(([, member]) => member !== undefined),
  ) as unknown as MarketDataFeed;
}

/** A whole day of data that can be read at any speed, also ahead of the clock: for simulated worlds and checks. */
export interface RecordedSession extends MarketDay {
  /** One slice per minute over [from, to), gaps included, in order. Lazy, synchronous, repeatable. */
  slices(from: EpochMs, to: EpochMs): Iterable<MarketSlice>;
}

/** A feed of recorded or invented days: a simulated world has it emit each minute when that minute ends. */
export interface ReplayedFeed extends MarketDataFeed {
  /** Opens a complete day or throws like `open`; emits nothing. */
  openSession(date: DateText): RecordedSession;
  /** The minutes given to `play` are of this day from now on. */
  begin(session: MarketDay, at: EpochMs): void;
  /** Emits the data of a minute. */
  play(slice: MarketSlice): void;
}
