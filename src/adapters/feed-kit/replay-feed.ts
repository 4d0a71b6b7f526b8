import { NEVER, Subject, type Observable } from 'rxjs';
import type {
  AuctionImbalance,
  Bar,
  HaltChange,
  IndexValue,
  MarketSlice,
  QuoteBar,
  Trade,
} from '../../domain/market/types.js';
import type { OptionChain } from '../../domain/options/option-chain.js';
import type { TickerSymbol } from '../../events/names.js';
import type { DateText, EpochMs } from '../../kernel/time.js';
import type { FeedStatus, MarketDay, RecordedSession, ReplayedFeed } from '../../ports/market-data.js';

const NOBODY: readonly TickerSymbol[] = [];

/**
 * Shared code of all replayed feeds: `play` passes a minute to the observables. Bars are what these feeds have: they
 * emit no single trades.
 */
export abstract class ReplayFeed implements ReplayedFeed {
  readonly settlesAfterMs = 0;
  readonly trades$: Observable<Trade> = NEVER;
  readonly #bars = new Subject<Bar>();
  readonly #quotes = new Subject<QuoteBar>();
  readonly #halts = new Subject<HaltChange>();
  readonly #vix = new Subject<IndexValue>();
  readonly #imbalances = new Subject<AuctionImbalance>();
  readonly #chains = new Subject<OptionChain>();
  readonly #status = new Subject<FeedStatus>();
  #halted: readonly TickerSymbol[] = NOBODY;
  #lastVix: number | undefined;

  get bars$(): Observable<Bar> {
    return this.#bars;
  }

  get quotes$(): Observable<QuoteBar> {
    return this.#quotes;
  }

  get halts$(): Observable<HaltChange> {
    return this.#halts;
  }

  get vix$(): Observable<IndexValue> {
    return this.#vix;
  }

  /** Of a day that was recorded with them; silent otherwise. */
  get imbalances$(): Observable<AuctionImbalance> {
    return this.#imbalances;
  }

  get chains$(): Observable<OptionChain> {
    return this.#chains;
  }

  get status$(): Observable<FeedStatus> {
    return this.#status;
  }

  open(date: DateText): MarketDay {
    return this.openSession(date);
  }

  abstract openSession(date: DateText): RecordedSession;

  begin(session: MarketDay, at: EpochMs): void {
    this.#halted = NOBODY;
    this.#lastVix = undefined;
    this.#status.next({ at, state: 'connected', reason: `replay of ${session.date}` });
  }

  play(slice: MarketSlice): void {
    const { start } = slice;
    if (slice.vix !== this.#lastVix) this.#vix.next({ at: start, value: slice.vix });
    this.#lastVix = slice.vix;
    this.#playHalts(slice);
    for (const quote of slice.quotes) this.#quotes.next(quote);
    for (const bar of slice.bars) this.#bars.next(bar);
    for (const news of slice.imbalances ?? []) this.#imbalances.next(news);
    for (const chain of slice.chains ?? []) this.#chains.next(chain);
  }

  #playHalts({ halted, start: at }: MarketSlice): void {
    if (halted.length === 0 && this.#halted.length === 0) return;
    for (const symbol of this.#halted) {
      if (!halted.includes(symbol)) this.#halts.next({ symbol, at, state: 'resumed' });
    }
    for (const symbol of halted) {
      if (!this.#halted.includes(symbol)) this.#halts.next({ symbol, at, state: 'halted' });
    }
    this.#halted = halted;
  }
}
