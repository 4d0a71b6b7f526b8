import { Subject, type Observable } from 'rxjs';
import type { Findings } from '../../domain/market/quality.js';
import type { Bar, DailyBar, MarketSlice, Price, QuoteBar } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import type { DateText } from '../../kernel/time.js';
import type { FeedStatus, MarketDataFeed, RecordedSession, Trade } from '../../ports/market-data.js';

/** An opened day of a feed, with the counters of `play`. */
export interface OpenedDay {
  readonly session: RecordedSession;
  readonly findings: Findings;
}

/**
 * Shared code of all replayed feeds. `play` passes a minute to the observables; a minute that was already passed, or is
 * older, is late: it is dropped and counted (TRD-2). Trades are made from bars, one per minute: its close, with its
 * volume.
 */
export abstract class ReplayFeed implements MarketDataFeed {
  private readonly bars = new Subject<Bar>();
  private readonly quotes = new Subject<QuoteBar>();
  private readonly trades = new Subject<Trade>();
  private readonly status = new Subject<FeedStatus>();
  private readonly last = new Map<TickerSymbol, Price>();
  private day: OpenedDay | undefined;
  private passed = -Infinity;
  private connected = false;

  get bars$(): Observable<Bar> {
    return this.bars;
  }

  get quotes$(): Observable<QuoteBar> {
    return this.quotes;
  }

  get trades$(): Observable<Trade> {
    return this.trades;
  }

  get status$(): Observable<FeedStatus> {
    return this.status;
  }

  openSession(date: DateText): RecordedSession {
    const day = this.openDay(date);
    this.day = day;
    this.passed = -Infinity;
    this.connected = false;
    return day.session;
  }

  abstract history(symbol: TickerSymbol, before: DateText, days: number): readonly DailyBar[];

  lastPrice(symbol: TickerSymbol): Price | undefined {
    return this.last.get(symbol);
  }

  play(slice: MarketSlice): void {
    if (slice.start < this.passed) {
      this.day?.findings.add('BAR_LATE', slice.bars.length);
      this.day?.findings.add('QUOTE_LATE', slice.quotes.length);
      return;
    }
    this.passed = slice.end;
    if (!this.connected) {
      this.connected = true;
      this.status.next({
        at: slice.start,
        state: 'connected',
        reason: `replay of ${this.day?.session.date ?? 'a day'}`,
      });
    }
    for (const quote of slice.quotes) this.quotes.next(quote);
    for (const bar of slice.bars) {
      this.last.set(bar.symbol, bar.close);
      this.bars.next(bar);
      this.trades.next({ symbol: bar.symbol, at: slice.end, price: bar.close, size: bar.volume });
    }
  }

  /** Opens a day completely or throws a DataError. */
  protected abstract openDay(date: DateText): OpenedDay;
}
