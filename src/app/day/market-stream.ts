import { Findings, isQualityRule } from '../../domain/market/quality.js';
import { MinuteBuilder } from '../../domain/market/minute-builder.js';
import { isOption } from '../../domain/options/contract-name.js';
import type { OptionChain } from '../../domain/options/option-chain.js';
import type { MarketSlice } from '../../domain/market/types.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Clock, EpochMs } from '../../kernel/time.js';
import type { OptionDesk } from '../options/option-desk.js';
import type { DataFindings, FeedStatus, MarketDataFeed, MarketDay } from '../../ports/market-data.js';
import type { DayRecording, MarketRecording } from '../../ports/market-recorder.js';
import type { SteppedWorld } from '../../ports/stepped-world.js';

export interface MarketStreamDeps {
  readonly feed: MarketDataFeed;
  readonly market: MarketDay;
  readonly calendarDay: ExchangeSession;
  /** The time by which data is early or on time. */
  readonly clock: Clock;
  /** A simulated world plays the whole day to every process. */
  readonly world: SteppedWorld | undefined;
  /** Undefined for a session that only closes positions. */
  readonly recording: DayRecording | undefined;
  /** Asks for option chains; left out where no broker has any. */
  readonly options?: Pick<OptionDesk, 'chains$'>;
}

/**
 * What the feed sends in a session, as minutes: the clock of the session closes them, whatever has come by then. Minutes
 * before this process come from the recording of an earlier one, or from the feed if it can give them again.
 */
export class MarketStream {
  readonly #findings = new Findings();
  readonly #builder: MinuteBuilder;
  readonly #heardFrom: EpochMs;
  /** Minutes that this process did not hear, by their start. */
  readonly #recorded: ReadonlyMap<EpochMs, MarketSlice>;
  readonly #backfilled = new Set<EpochMs>();
  /** Chains that came since the last minute ended. */
  #chains: OptionChain[] = [];
  #status: FeedStatus | undefined;
  #subscriptions: readonly { unsubscribe(): void }[] = [];

  constructor(private readonly deps: MarketStreamDeps) {
    const { market, calendarDay, clock, world, recording } = deps;
    const { opensAt, closesAt } = calendarDay;
    this.#heardFrom = world === undefined ? clock.now() : opensAt;
    const symbols = market.references.map(({ symbol }) => symbol);
    const ours = onlySymbols(symbols);
    this.#recorded = new Map(recording?.earlier.minutes.map((slice) => [slice.start, ours(slice)]));
    for (const [rule, count] of Object.entries(recording?.earlier.findings ?? {})) {
      if (isQualityRule(rule)) this.#findings.add(rule, count);
    }
    this.#builder = new MinuteBuilder({
      ...{ symbols, opensAt, closesAt },
      heardFrom: this.#heardFrom,
      findings: this.#findings,
    });
  }

  listen(): void {
    const { feed, clock, options } = this.deps;
    const builder = this.#builder;
    this.#subscriptions = [
      feed.bars$.subscribe((bar) => builder.bar(bar, clock.now())),
      feed.quotes$.subscribe((quote) => builder.quote(quote, clock.now())),
      feed.trades$.subscribe((trade) => builder.trade(trade, clock.now())),
      feed.halts$.subscribe((change) => builder.halt(change, clock.now())),
      feed.vix$.subscribe((figure) => builder.vix(figure, clock.now())),
      ...(feed.imbalances$ === undefined
        ? []
        : [feed.imbalances$.subscribe((news) => builder.imbalance(news, clock.now()))]),
      ...[feed.chains$, options?.chains$].flatMap(
        (chains) => chains?.subscribe((chain) => this.#takeChain(chain)) ?? [],
      ),
      feed.status$.subscribe((status) => (this.#status = status)),
    ];
  }

  stopListening(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** The last status of the feed; undefined before the first. */
  get status(): FeedStatus | undefined {
    return this.#status;
  }

  /** The minutes [from, to) that were neither recorded nor heard, and ended already; undefined when there are none. */
  get missing(): { readonly from: EpochMs; readonly to: EpochMs } | undefined {
    const { opensAt } = this.deps.calendarDay;
    const from = this.deps.recording?.earlier.minutes.at(-1)?.end ?? opensAt;
    return from < this.#heardFrom ? { from, to: this.#heardFrom } : undefined;
  }

  /** What the feed gave again of the missing minutes: judged like everything that it sends. */
  backfill(minutes: readonly MarketSlice[]): void {
    const now = this.deps.clock.now();
    const builder = this.#builder;
    for (const { start, end, bars, quotes, halted, vix, imbalances = [] } of minutes) {
      if (end > this.#heardFrom) continue;
      this.#backfilled.add(start);
      for (const bar of bars) builder.bar(bar, now);
      for (const quote of quotes) builder.quote(quote, now);
      for (const symbol of halted) {
        builder.halt({ symbol, at: start, state: 'halted' }, now);
        builder.halt({ symbol, at: end, state: 'resumed' }, now);
      }
      if (vix !== undefined) builder.vix({ at: start, value: vix }, now);
      for (const news of imbalances) builder.imbalance(news, now);
    }
  }

  /** Closes the earliest open minute and records it. */
  closeMinute(start: EpochMs): MarketSlice {
    const known = this.#recorded.get(start);
    if (known !== undefined) {
      this.#builder.closeAs(known);
      return known;
    }
    const slice = this.#withChains(this.#unrecorded(start));
    this.deps.recording?.add(slice, this.#findings.toRecord());
    return slice;
  }

  /** Why minutes of the recording wait in memory; undefined when none do. */
  get recordingFault(): string | undefined {
    return this.deps.recording?.fault;
  }

  /** The recording of the session, complete on file, and the findings of its data; undefined when there is none. */
  finishRecording(): { readonly recording: MarketRecording; readonly findings: DataFindings } | undefined {
    const findings = this.#allFindings();
    const recording = this.deps.recording?.finish(findings);
    return recording === undefined ? undefined : { recording, findings };
  }

  /** The journal has the recording. */
  recordingDone(): void {
    this.deps.recording?.done();
  }

  #takeChain(chain: OptionChain): void {
    if (this.deps.market.references.some(({ symbol }) => symbol === chain.symbol)) this.#chains.push(chain);
  }

  #withChains(slice: MarketSlice): MarketSlice {
    const chains = this.#chains;
    this.#chains = [];
    return chains.length === 0 ? slice : { ...slice, chains };
  }

  #unrecorded(start: EpochMs): MarketSlice {
    const slice = this.#builder.close();
    if (this.#backfilled.has(start)) this.#findings.add('MINUTE_BACKFILLED');
    else if (slice.end <= this.#heardFrom) this.#findings.add('MINUTE_MISSED');
    return slice;
  }

  /** What was wrong with the data of the day, and with how it came. */
  #allFindings(): DataFindings {
    const all = new Map(Object.entries(this.deps.market.findings()));
    for (const [rule, count] of Object.entries(this.#findings.toRecord())) {
      all.set(rule, (all.get(rule) ?? 0) + count);
    }
    return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** A recorded minute without shares that are not part of the session any more. */
function onlySymbols(symbols: readonly TickerSymbol[]): (slice: MarketSlice) => MarketSlice {
  const known = new Set(symbols);
  const isKnown = ({ symbol }: { readonly symbol: TickerSymbol }): boolean => known.has(symbol) || isOption(symbol);
  return (slice) => ({
    ...slice,
    bars: slice.bars.filter(isKnown),
    quotes: slice.quotes.filter(isKnown),
    halted: slice.halted.filter((symbol) => isKnown({ symbol })),
    ...(slice.imbalances === undefined ? {} : { imbalances: slice.imbalances.filter(isKnown) }),
    ...(slice.chains === undefined ? {} : { chains: slice.chains.filter(isKnown) }),
  });
}
