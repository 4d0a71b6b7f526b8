import { Findings } from '../../domain/market/quality.js';
import { MinuteBuilder } from '../../domain/market/minute-builder.js';
import type { MarketSlice } from '../../domain/market/types.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { Clock } from '../../kernel/time.js';
import type { DataFindings, MarketDataFeed, MarketDay } from '../../ports/market-data.js';
import type { DayRecording, MarketRecording } from '../../ports/market-recorder.js';

export interface MarketStreamDeps {
  readonly feed: MarketDataFeed;
  readonly market: MarketDay;
  readonly calendarDay: ExchangeSession;
  /** The time by which data is early or on time. */
  readonly clock: Clock;
  /** Undefined for a session that only closes positions. */
  readonly recording: DayRecording | undefined;
}

/** What the feed sends in a session, as minutes: the clock of the session closes them, whatever has come by then. */
export class MarketStream {
  readonly #findings = new Findings();
  readonly #builder: MinuteBuilder;
  #subscriptions: readonly { unsubscribe(): void }[] = [];

  constructor(private readonly deps: MarketStreamDeps) {
    const { market, calendarDay, clock } = deps;
    this.#builder = new MinuteBuilder({
      symbols: market.references.map(({ symbol }) => symbol),
      opensAt: calendarDay.opensAt,
      closesAt: calendarDay.closesAt,
      heardFrom: clock.now(),
      findings: this.#findings,
    });
  }

  listen(): void {
    const { feed, clock } = this.deps;
    const builder = this.#builder;
    this.#subscriptions = [
      feed.bars$.subscribe((bar) => builder.bar(bar, clock.now())),
      feed.quotes$.subscribe((quote) => builder.quote(quote, clock.now())),
      feed.trades$.subscribe((trade) => builder.trade(trade, clock.now())),
      feed.halts$.subscribe((change) => builder.halt(change, clock.now())),
      feed.vix$.subscribe((figure) => builder.vix(figure, clock.now())),
    ];
  }

  stopListening(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** Closes the earliest open minute and records it. */
  closeMinute(): MarketSlice {
    const slice = this.#builder.close();
    this.deps.recording?.add(slice);
    return slice;
  }

  /** The recording of the session, complete on file, and the findings of its data; undefined when there is none. */
  finishRecording(): { readonly recording: MarketRecording; readonly findings: DataFindings } | undefined {
    const findings = this.#allFindings();
    const recording = this.deps.recording?.finish(findings);
    return recording === undefined ? undefined : { recording, findings };
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
