import { finalize, tap, type Observable } from 'rxjs';
import { MINUTE_MS, SECOND_MS, toUtcText, type Clock, type EpochMs } from '../../kernel/time.js';
import type { HaltChange } from '../../domain/market/types.js';
import type { Sample } from '../../domain/watchdog/watch.js';
import type { TickerSymbol } from '../../events/names.js';
import { wrapFeed, type FeedStatus, type MarketDataFeed } from '../../ports/market-data.js';

/** The hours in which data is expected. */
export interface MarketHours {
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
}

const LONGEST_REASON = 300;

/** The time of the last market data of a session, noted as the session receives it (TRD-43). */
export class MarketMeter {
  #open: MarketHours | undefined;
  /** A session that begins at midday has no silence of the morning. */
  #expectedFrom = 0;
  #lastDataAt: EpochMs | undefined;
  #status: FeedStatus | undefined;
  readonly #halted = new Map<TickerSymbol, EpochMs>();

  constructor(private readonly clock: Clock) {}

  /** The same feed, whose bars and trades are noted while a session listens. */
  watch(feed: MarketDataFeed, { opensAt, closesAt }: MarketHours): MarketDataFeed {
    const hours = { opensAt, closesAt };
    this.#open = hours;
    this.#lastDataAt = undefined;
    this.#status = undefined;
    this.#halted.clear();
    this.#expectedFrom = Math.max(opensAt, this.clock.now());
    const heard = <T>(items: Observable<T>, timeOf: (item: T) => number): Observable<T> =>
      items.pipe(
        tap((item) => this.#note(timeOf(item))),
        finalize(() => {
          if (this.#open === hours) this.#open = undefined;
        }),
      );
    return wrapFeed(feed, {
      bars$: heard(feed.bars$, ({ start }) => start + MINUTE_MS),
      trades$: heard(feed.trades$, ({ at }) => at),
      halts$: feed.halts$.pipe(tap((change) => this.#noteHalt(change))),
      status$: feed.status$.pipe(tap((status) => (this.#status = status))),
    });
  }

  /** Seconds of silence while the market is open; no value while it is closed or no session runs. */
  sample(): Sample {
    const now = this.clock.now();
    if (this.#open === undefined || now < this.#open.opensAt || now >= this.#open.closesAt) return {};
    return { silenceS: Math.max(0, now - (this.#lastDataAt ?? this.#expectedFrom)) / SECOND_MS };
  }

  /** State, cause and age of the data of the session that listens now; empty without one. */
  figures(): Readonly<Record<string, string>> {
    if (this.#open === undefined) return {};
    const { state, reason } = this.#status ?? { state: 'connected', reason: '' };
    return {
      feed_state: state,
      feed_reason: reason.slice(0, LONGEST_REASON),
      ...(this.#lastDataAt === undefined ? {} : { feed_last_data: toUtcText(this.#lastDataAt) }),
    };
  }

  /** Symbols in which trading is halted, each since when; none without a session. */
  get halted(): ReadonlyMap<TickerSymbol, EpochMs> {
    return this.#open === undefined ? new Map() : this.#halted;
  }

  #noteHalt({ symbol, at, state }: HaltChange): void {
    if (state === 'resumed') this.#halted.delete(symbol);
    else if (!this.#halted.has(symbol)) this.#halted.set(symbol, at);
  }

  #note(at: number): void {
    if (this.#lastDataAt === undefined || at > this.#lastDataAt) this.#lastDataAt = at as EpochMs;
  }
}
