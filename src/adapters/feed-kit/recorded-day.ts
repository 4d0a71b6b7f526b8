import type { Findings } from '../../domain/market/quality.js';
import type { AuctionImbalance, Bar, MarketSlice, QuoteBar, SymbolReference } from '../../domain/market/types.js';
import type { OptionChain } from '../../domain/options/option-chain.js';
import type { TickerSymbol } from '../../events/names.js';
import { invariant } from '../../kernel/errors.js';
import { MINUTE_MS, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import type { DataFindings, FeedDescription, RecordedSession } from '../../ports/market-data.js';

export interface HaltedMinute {
  readonly symbol: TickerSymbol;
  readonly start: EpochMs;
}

/** An option chain, and the minute in which it came. */
export interface ChainOfMinute {
  readonly start: EpochMs;
  readonly chain: OptionChain;
}

export interface RecordedDayInit {
  readonly date: DateText;
  readonly references: readonly SymbolReference[];
  readonly description: FeedDescription;
  /** Checked, in order of time, one list per symbol, in the order of the session's symbols. */
  readonly bars: readonly (readonly Bar[])[];
  readonly quotes: readonly (readonly QuoteBar[])[];
  readonly halted?: readonly HaltedMinute[];
  readonly chains?: readonly ChainOfMinute[];
  /** VIX known in each minute; one figure for the day, or undefined. */
  readonly vix: number | undefined | ((start: EpochMs) => number | undefined);
  /** News of auctions, in order of time. */
  readonly imbalances?: readonly AuctionImbalance[];
  readonly findings: Findings;
}

interface Minute {
  readonly bars: Bar[];
  readonly quotes: QuoteBar[];
  readonly halted: TickerSymbol[];
  readonly imbalances: AuctionImbalance[];
  readonly chains: OptionChain[];
}

const NOTHING: readonly never[] = [];
/** A calendar day is at most 25 hours long; a longer request has mixed up its units. */
const MOST_MINUTES = 1_500;

/** A day in memory: its rows are sorted into minutes once, then every pass yields the same slices. */
export class RecordedDay implements RecordedSession {
  readonly date: DateText;
  readonly references: readonly SymbolReference[];
  readonly description: FeedDescription;
  private readonly minutes = new Map<EpochMs, Minute>();
  private readonly vixAt: (start: EpochMs) => number | undefined;
  private readonly found: Findings;

  constructor(init: RecordedDayInit) {
    this.date = init.date;
    this.references = init.references;
    this.description = init.description;
    this.found = init.findings;
    const { vix } = init;
    this.vixAt = typeof vix === 'function' ? vix : () => vix;
    for (const list of init.bars) for (const bar of list) this.minuteAt(bar.start).bars.push(bar);
    for (const list of init.quotes) for (const quote of list) this.minuteAt(quote.start).quotes.push(quote);
    for (const halt of init.halted ?? []) this.minuteAt(halt.start).halted.push(halt.symbol);
    for (const news of init.imbalances ?? []) this.minuteAt(minuteOf(news.at)).imbalances.push(news);
    for (const { start, chain } of init.chains ?? []) this.minuteAt(start).chains.push(chain);
  }

  *slices(from: EpochMs, to: EpochMs): IterableIterator<MarketSlice> {
    const whole = from % MINUTE_MS === 0 && to % MINUTE_MS === 0;
    invariant(
      whole && to >= from && to - from <= MOST_MINUTES * MINUTE_MS,
      'BAD_SLICE_RANGE',
      `[${from}, ${to}) is not a range of whole minutes within a day`,
    );
    for (let start = from; start < to; start = plusMs(start, MINUTE_MS)) {
      const minute = this.minutes.get(start);
      yield {
        start,
        end: plusMs(start, MINUTE_MS),
        bars: minute?.bars ?? NOTHING,
        quotes: minute?.quotes ?? NOTHING,
        halted: minute?.halted ?? NOTHING,
        vix: this.vixAt(start),
        ...(minute === undefined || minute.imbalances.length === 0 ? {} : { imbalances: minute.imbalances }),
        ...(minute === undefined || minute.chains.length === 0 ? {} : { chains: minute.chains }),
      };
    }
  }

  findings(): DataFindings {
    return this.found.toRecord();
  }

  private minuteAt(start: EpochMs): Minute {
    let minute = this.minutes.get(start);
    if (minute === undefined) {
      minute = { bars: [], quotes: [], halted: [], imbalances: [], chains: [] };
      this.minutes.set(start, minute);
    }
    return minute;
  }
}

const minuteOf = (at: EpochMs): EpochMs => (at - (at % MINUTE_MS)) as EpochMs;
