import { SECOND_MS, type Clock, type EpochMs } from '../../kernel/time.js';
import type { MarketSlice } from '../../domain/market/types.js';
import type { Sample } from '../../domain/watchdog/watch.js';
import type { RecordedSession } from '../../ports/market-data.js';

/** The time of the last market data, recorded when the engine takes it (TRD-43). */
export class MarketMeter {
  #open: { readonly from: EpochMs; readonly to: EpochMs } | undefined;
  #lastDataAt: EpochMs | undefined;

  constructor(private readonly clock: Clock) {}

  /** The same day of the feed, with each minute of data recorded. */
  watch(session: RecordedSession): RecordedSession {
    const watched = (slices: Iterable<MarketSlice>): Iterable<MarketSlice> => this.#noting(slices);
    return {
      date: session.date,
      references: session.references,
      description: session.description,
      findings: () => session.findings(),
      slices: (from, to) => {
        this.#open = { from, to };
        this.#lastDataAt = undefined;
        return watched(session.slices(from, to));
      },
    };
  }

  /** Seconds of silence while the market is open; no value while it is closed or no session runs. */
  sample(): Sample {
    const now = this.clock.now();
    if (this.#open === undefined || now < this.#open.from || now >= this.#open.to) return {};
    return { silenceS: Math.max(0, now - (this.#lastDataAt ?? this.#open.from)) / SECOND_MS };
  }

  *#noting(slices: Iterable<MarketSlice>): Iterable<MarketSlice> {
    for (const slice of slices) {
      yield slice;
      if (hasData(slice)) this.#lastDataAt = slice.end;
    }
    this.#open = undefined;
  }
}

function hasData(slice: MarketSlice): boolean {
  return slice.bars.length > 0;
}
