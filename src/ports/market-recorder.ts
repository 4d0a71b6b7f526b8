import type { MarketSlice } from '../domain/market/types.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { DateText } from '../kernel/time.js';
import type { RecordedSession } from './market-data.js';

export interface MarketRecording {
  /** File name without folders. */
  readonly name: string;
  readonly bars: number;
  readonly quotes: number;
  /** Digest of the text before compression. */
  readonly sha256: Sha256Hex;
}

/** Records the market data of a session for replay and what-if (TRD-6). */
export interface MarketRecorder {
  /** `source` has the reference data known before the session opened, for the replay. */
  record(
    date: DateText,
    slices: Iterable<MarketSlice>,
    source: Pick<RecordedSession, 'references' | 'description' | 'findings'>,
  ): MarketRecording;
}
