import { Subject } from 'rxjs';
import type { Bar, HaltChange, IndexValue, MarketSlice, QuoteBar, Trade } from '../../../src/domain/market/types.js';
import { invariant } from '../../../src/kernel/errors.js';
import { plusMs, type DateText, type EpochMs } from '../../../src/kernel/time.js';
import type { FeedStatus, MarketDataFeed, MarketDay, RecordedSession } from '../../../src/ports/market-data.js';
import type { VirtualPacer } from '../../support/virtual-pacer.js';

/** How long after its minute a bar may come. */
export const SETTLES_MS = 2_000;

/** One thing that a feed sends, and when it does. */
export interface Sent {
  readonly at: EpochMs;
  readonly send: (feed: PushFeed) => void;
}

/** A real feed: it sends once, when the time has come, and cannot be asked for anything again. */
export class PushFeed implements MarketDataFeed {
  readonly settlesAfterMs = SETTLES_MS;
  readonly bars$ = new Subject<Bar>();
  readonly quotes$ = new Subject<QuoteBar>();
  readonly trades$ = new Subject<Trade>();
  readonly halts$ = new Subject<HaltChange>();
  readonly vix$ = new Subject<IndexValue>();
  readonly status$ = new Subject<FeedStatus>();
  readonly backfill?: NonNullable<MarketDataFeed['backfill']>;
  #opened = false;

  constructor(
    private readonly session: RecordedSession,
    backfill?: NonNullable<MarketDataFeed['backfill']>,
  ) {
    if (backfill !== undefined) this.backfill = backfill;
  }

  open(date: DateText): MarketDay {
    invariant(!this.#opened && date === this.session.date, 'ASKED_TWICE', 'this feed can be opened once');
    this.#opened = true;
    const { references, description } = this.session;
    return { date, references, description, findings: () => this.session.findings() };
  }

  /** Sends at the times of the world what lies ahead of it. */
  plan(pacer: VirtualPacer, items: readonly Sent[]): void {
    for (const { at, send } of items) if (at > pacer.now()) pacer.plan(at, () => send(this));
  }
}

/** The orderly way: everything of a minute half a second after its end; halts and the VIX when they change. */
export function orderly(slices: readonly MarketSlice[]): readonly Sent[] {
  let before: MarketSlice | undefined;
  return slices.flatMap((slice) => {
    const changes = changesOf(slice, before);
    before = slice;
    const at = plusMs(slice.end, 500);
    const send = (feed: PushFeed): void => {
      for (const quote of slice.quotes) feed.quotes$.next(quote);
      for (const bar of slice.bars) feed.bars$.next(bar);
    };
    return [...changes, { at, send }];
  });
}

/** The same data late within its time, each item twice, in the opposite order, and with data of nobody among it. */
export function unruly(slices: readonly MarketSlice[]): readonly Sent[] {
  let before: MarketSlice | undefined;
  return slices.flatMap((slice, index) => {
    const changes = changesOf(slice, before);
    before = slice;
    const send = (feed: PushFeed): void => {
      const bars = [...slice.bars].reverse();
      for (const bar of [...bars, ...bars]) feed.bars$.next(bar);
      for (const quote of [...slice.quotes].reverse()) feed.quotes$.next(quote);
      for (const quote of slice.quotes) feed.quotes$.next(quote);
      const [first] = slice.bars;
      if (first !== undefined) feed.bars$.next({ ...first, symbol: 'NOBODY' as Bar['symbol'] });
      for (const late of slices[index - 1]?.bars ?? []) feed.bars$.next(late);
    };
    return [...changes, { at: plusMs(slice.end, 1_900), send }];
  });
}

function changesOf(slice: MarketSlice, before: MarketSlice | undefined): readonly Sent[] {
  const at = plusMs(slice.start, 1);
  const sent: Sent[] = [];
  const was = before?.halted ?? [];
  if (slice.vix !== before?.vix) sent.push({ at, send: (feed) => feed.vix$.next({ at, value: slice.vix }) });
  const change = (symbol: HaltChange['symbol'], state: HaltChange['state']): void => {
    sent.push({ at, send: (feed) => feed.halts$.next({ symbol, at: slice.start, state }) });
  };
  for (const symbol of slice.halted) if (!was.includes(symbol)) change(symbol, 'halted');
  for (const symbol of was) if (!slice.halted.includes(symbol)) change(symbol, 'resumed');
  return sent;
}
