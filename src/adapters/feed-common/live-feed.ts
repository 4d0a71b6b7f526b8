import { ReplaySubject, Subject, type Observable } from 'rxjs';
import { Findings } from '../../domain/market/quality.js';
import type {
  Bar,
  HaltChange,
  IndexValue,
  MarketSlice,
  QuoteBar,
  SymbolReference,
  Trade,
} from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { configError, dataError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { SECOND_MS, type Clock, type DateText, type EpochMs } from '../../kernel/time.js';
import type { FeedStatus, MarketDataFeed, MarketDay } from '../../ports/market-data.js';

/** What a feed listens to. */
export interface LiveFeedOptions {
  readonly clock: Clock;
  readonly symbols: readonly TickerSymbol[];
}

/** What a feed is called: its kind in events, its vendor in errors, its name for people. */
export interface FeedNames {
  readonly kind: MarketDay['description']['kind'];
  readonly vendor: string;
  readonly name: () => string;
  /** What its data follow from besides the symbols. */
  readonly key: () => string;
}

/** Market data of a vendor, as they come: the streams, the day that was prepared, and the state. A feed adds its line and its messages. */
export abstract class LiveFeed implements MarketDataFeed {
  /** Bars and quotes of a minute come within so much after it, in milliseconds. */
  readonly settlesAfterMs = 3 * SECOND_MS;
  protected readonly sent = {
    bars: new Subject<Bar>(),
    quotes: new Subject<QuoteBar>(),
    trades: new Subject<Trade>(),
    halts: new Subject<HaltChange>(),
    vix: new Subject<IndexValue>(),
    states: new ReplaySubject<FeedStatus>(1),
  };
  readonly bars$: Observable<Bar> = this.sent.bars.asObservable();
  readonly quotes$: Observable<QuoteBar> = this.sent.quotes.asObservable();
  readonly trades$: Observable<Trade> = this.sent.trades.asObservable();
  readonly halts$: Observable<HaltChange> = this.sent.halts.asObservable();
  readonly vix$: Observable<IndexValue> = this.sent.vix.asObservable();
  readonly status$: Observable<FeedStatus> = this.sent.states.asObservable();
  protected findings = new Findings();
  readonly #prepared = new Map<DateText, readonly SymbolReference[]>();

  protected constructor(
    private readonly names: FeedNames,
    private readonly listensTo: LiveFeedOptions,
  ) {}

  /** Loads previous closes and volumes. @throws ConfigError FEED_WITHOUT_SYMBOLS, and what the vendor refuses or does not answer */
  async prepare(date: DateText): Promise<void> {
    if (this.listensTo.symbols.length === 0) throw noSymbols(this.names.vendor);
    const references = await this.references(date);
    this.#prepared.clear();
    this.#prepared.set(date, references);
  }

  /** @throws DataError FEED_NOT_PREPARED */
  open(date: DateText): MarketDay {
    const references = this.#prepared.get(date);
    if (references === undefined) throw notPrepared(this.names.vendor, date);
    this.findings = new Findings();
    const { findings, names } = this;
    this.listen();
    const { symbols } = this.listensTo;
    const description = `${names.name()}, ${symbols.length} symbols`;
    const sha256 = sha256Hex(`${names.key()}/${symbols.join(',')}`);
    return {
      date,
      references,
      description: { kind: names.kind, description, seed: null, symbols, sha256 },
      findings: () => findings.toRecord(),
    };
  }

  abstract backfill(from: EpochMs, to: EpochMs): Promise<readonly MarketSlice[]>;

  /** Ends the line; `open` begins it again. */
  abstract close(): void;

  /** Close and volume of the day before, for each symbol. */
  protected abstract references(date: DateText): Promise<readonly SymbolReference[]>;

  /** Begins to listen, unless it does already. */
  protected abstract listen(): void;

  protected sendQuote(quote: QuoteBar | undefined): void {
    if (quote !== undefined) this.sent.quotes.next(quote);
  }

  protected sayState(state: FeedStatus['state'], reason: string): void {
    this.sent.states.next({ at: this.listensTo.clock.now(), state, reason });
  }
}

function noSymbols(vendor: string): Error {
  return configError({
    code: 'FEED_WITHOUT_SYMBOLS',
    message: `the feed of ${vendor} has no symbols to listen to`,
    remedy: 'Name symbols, or build the universe first.',
  });
}

function notPrepared(vendor: string, date: DateText): Error {
  return dataError({
    code: 'FEED_NOT_PREPARED',
    message: `the previous closes of ${date} have not been loaded from ${vendor}`,
    remedy: 'The feed is prepared for a day before it is opened.',
  });
}
