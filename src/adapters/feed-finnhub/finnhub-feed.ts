import { ReplaySubject, Subject, type Observable } from 'rxjs';
import { ProviderQuota, type Waiting } from '../../app/universe/provider-quota.js';
import { openSessionAt, sessionOf } from '../../domain/calendar/nyse.js';
import { Findings } from '../../domain/market/quality.js';
import type { Bar, HaltChange, IndexValue, QuoteBar, SymbolReference, Trade } from '../../domain/market/types.js';
import type { TickerSymbol } from '../../events/names.js';
import { configError, dataError, TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import { MINUTE_MS, SECOND_MS, type Clock, type DateText } from '../../kernel/time.js';
import type { FeedStatus, MarketDataFeed, MarketDay } from '../../ports/market-data.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import { pauseMs } from '../broker-common/pause.js';
import { FINNHUB_URL, FinnhubProvider } from '../provider-finnhub/finnhub-provider.js';
import { quotePath, readLastPrice, type LastPrice } from './last-price.js';

export interface FinnhubFeedOptions {
  readonly account: Pick<BrokerAccountAddress, 'url' | 'apiKey'>;
  readonly clock: Clock;
  readonly raw: RawFrames;
  readonly symbols: readonly TickerSymbol[];
  /** Left out: the machine's. */
  readonly time?: Waiting;
}

/** Calls of a minute that the feed takes: the rest is left to other work with the same key. */
const QUOTA = { perMinute: 50, perSecond: 5 };
/** With more symbols a price would be asked for less than twice a minute. */
const MOST_SYMBOLS = 30;
/** A price that was made longer ago is old, however new the answer is. */
const MOST_AGE_MS = 2 * MINUTE_MS;
/** After so many calls in a row without an answer the feed is lost. */
const LOST_AFTER = 3;
const FAILED_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Last prices of Finnhub, asked for one symbol after the other within the limit of its plan (TRD-1). It has no stream, no bid and
 * no ask on this plan: a price that changed since it was last asked for is one trade of one share, so a bar counts the changes
 * that were seen, and its volume is no volume of the market. The description says so.
 */
export class FinnhubFeed implements MarketDataFeed {
  readonly settlesAfterMs = 2 * SECOND_MS;
  readonly bars$: Observable<Bar> = new Subject<Bar>().asObservable();
  /** None: a quote made of a last price would have no spread, and pass every limit of spreads. */
  readonly quotes$: Observable<QuoteBar> = new Subject<QuoteBar>().asObservable();
  readonly halts$: Observable<HaltChange> = new Subject<HaltChange>().asObservable();
  readonly vix$: Observable<IndexValue> = new Subject<IndexValue>().asObservable();
  readonly trades$: Observable<Trade>;
  readonly status$: Observable<FeedStatus>;
  readonly #trades = new Subject<Trade>();
  readonly #states = new ReplaySubject<FeedStatus>(1);
  readonly #provider: FinnhubProvider;
  readonly #time: Waiting;
  readonly #quota: ProviderQuota;
  readonly #prepared = new Map<DateText, readonly SymbolReference[]>();
  /** Time of the last price of each symbol that was reported. */
  readonly #seen = new Map<TickerSymbol, number>();
  #findings = new Findings();
  #polling: { on: boolean } | undefined;
  #failures = 0;
  #state: FeedStatus['state'] | undefined;

  constructor(private readonly options: FinnhubFeedOptions) {
    const { account, clock } = options;
    this.#time = options.time ?? { elapsedMs: () => performance.now(), wait: pauseMs };
    this.#provider = new FinnhubProvider({ url: account.url || FINNHUB_URL, key: account.apiKey, clock });
    this.#quota = new ProviderQuota(QUOTA, this.#time);
    this.trades$ = this.#trades.asObservable();
    this.status$ = this.#states.asObservable();
  }

  /** Loads the previous close of each symbol. @throws NetworkError retry, ConfigError refuse (the key), DataError refuse */
  async prepare(date: DateText): Promise<void> {
    const { symbols } = this.options;
    if (symbols.length === 0 || symbols.length > MOST_SYMBOLS) throw badNumber(symbols.length);
    const references: SymbolReference[] = [];
    for (const symbol of symbols) references.push(referenceOf(symbol, await this.#ask(symbol), date));
    this.#prepared.clear();
    this.#prepared.set(date, references);
  }

  /** @throws DataError FEED_NOT_PREPARED */
  open(date: DateText): MarketDay {
    const references = this.#prepared.get(date);
    if (references === undefined) throw notPrepared(date);
    const findings = new Findings();
    this.#findings = findings;
    this.#poll();
    const { symbols } = this.options;
    return {
      date,
      references,
      description: {
        kind: 'finnhub',
        description: `Finnhub last prices, polled, ${symbols.length} symbols; a volume counts price changes seen; no bid and ask`,
        ...{ seed: null, symbols, sha256: sha256Hex(`finnhub/${symbols.join(',')}`) },
      },
      findings: () => findings.toRecord(),
    };
  }

  close(): void {
    if (this.#polling !== undefined) this.#polling.on = false;
    this.#polling = undefined;
    this.#provider.close();
  }

  /** Goes around the symbols until the feed is closed; each call waits for its turn by the quota. */
  #poll(): void {
    if (this.#polling !== undefined) return;
    const polling = { on: true };
    this.#polling = polling;
    void (async () => {
      while (polling.on) for (const symbol of this.options.symbols) if (polling.on) await this.#look(symbol, polling);
    })();
  }

  async #look(symbol: TickerSymbol, polling: { readonly on: boolean }): Promise<void> {
    try {
      const last = await this.#ask(symbol);
      if (!polling.on) return;
      this.#failures = 0;
      this.#report('connected', 'prices are answered');
      if (last !== undefined) this.#take(symbol, last);
    } catch (error) {
      if (polling.on) this.#failed(error);
    }
  }

  async #ask(symbol: TickerSymbol): Promise<LastPrice | undefined> {
    await this.#quota.take();
    const path = quotePath(symbol);
    const answer = await this.#provider.fetch(path);
    if (answer.kind === 'none') throw notInPlan(symbol);
    this.options.raw.keep({ source: 'FINNHUB', channel: `quote ${symbol}`, text: answer.text });
    return readLastPrice(path, answer.text);
  }

  /** A price without a new trade is no news; an old one is counted, and nothing is traded on it. */
  #take(symbol: TickerSymbol, { price, at }: LastPrice): void {
    const before = this.#seen.get(symbol);
    if (before !== undefined && at <= before) return;
    this.#seen.set(symbol, at);
    const now = this.options.clock.now();
    if (openSessionAt(now) === undefined) return;
    if (now - at > MOST_AGE_MS) {
      this.#findings.add('TRADE_LATE');
      return;
    }
    // it was the last price at the time of the question: its own minute may be over by then
    this.#trades.next({ id: `${symbol}-${at}`, symbol, at: now, price, size: 1 });
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    const { message, details } =
      error instanceof TradeBotError ? error : { message: String(error), details: { pauseMs: undefined } };
    const { pauseMs: asked } = details;
    const own = Math.min(LONGEST_PAUSE_MS, FAILED_PAUSE_MS * this.#failures);
    this.#quota.pause(typeof asked === 'number' ? Math.max(own, asked) : own);
    if (this.#failures >= LOST_AFTER) this.#report('lost', message);
  }

  #report(state: 'connected' | 'lost', reason: string): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#states.next({ at: this.options.clock.now(), state, reason });
  }
}

/** Before the open the last price is still that of the session before; from then on the answer names the previous close. */
function referenceOf(symbol: TickerSymbol, last: LastPrice | undefined, date: DateText): SymbolReference {
  const opensAt = sessionOf(date)?.opensAt;
  const isToday = last !== undefined && opensAt !== undefined && last.at >= opensAt;
  const previousClose = isToday ? last.previousClose : last?.price;
  return { symbol, previousClose, previousVolume: undefined, marketCap: undefined };
}

function badNumber(count: number): Error {
  return configError({
    code: 'FEED_SYMBOLS',
    message: `the feed of Finnhub carries 1 to ${MOST_SYMBOLS} symbols, not ${count}`,
    remedy: `Set SCREENER_SESSION_SYMBOLS to ${MOST_SYMBOLS} or less, or take the feed of the broker: MARKET_DATA=broker.`,
  });
}

function notInPlan(symbol: TickerSymbol): Error {
  return configError({
    code: 'FEED_NOT_IN_PLAN',
    message: `the plan of the Finnhub key has no quotes of ${symbol}`,
    remedy: 'Free keys have US symbols only. Take the feed of the broker: MARKET_DATA=broker.',
  });
}

function notPrepared(date: DateText): Error {
  return dataError({
    code: 'FEED_NOT_PREPARED',
    message: `the previous closes of ${date} have not been loaded from Finnhub`,
    remedy: 'The feed is prepared for a day before it is opened.',
  });
}
