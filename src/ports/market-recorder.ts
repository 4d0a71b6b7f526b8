import type { MarketSlice } from '../domain/market/types.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { DataFindings, MarketDay } from './market-data.js';

export interface MarketRecording {
  /** File name without folders. */
  readonly name: string;
  readonly bars: number;
  readonly quotes: number;
  /** Digest of the text before compression. */
  readonly sha256: Sha256Hex;
}

/** The recording of one day, minute by minute as the session sees them. */
export interface DayRecording {
  /** Adds a closed minute. */
  add(slice: MarketSlice): void;
  /** Writes the complete recording, with the findings of the whole day. */
  finish(findings: DataFindings): MarketRecording;
}

/** Records the market data of a session for replay and what-if (TRD-6). */
export interface MarketRecorder {
  /** Begins the recording of a day, with what the feed knew before the session opened. */
  begin(market: MarketDay): DayRecording;
}
