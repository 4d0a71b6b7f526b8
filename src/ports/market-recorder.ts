import type { ExchangeSession } from '../domain/calendar/nyse.js';
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

/** Minutes of a session that an earlier process saw and recorded, in order, and the findings of its stream. */
export interface EarlierMinutes {
  readonly minutes: readonly MarketSlice[];
  readonly findings: DataFindings;
}

/** The recording of one day, minute by minute as the session sees them. */
export interface DayRecording {
  readonly earlier: EarlierMinutes;
  /** Adds a closed minute, with the findings of the stream so far; never throws. */
  add(slice: MarketSlice, findings: DataFindings): void;
  /** Why minutes wait in memory; undefined when all are where they belong. */
  readonly fault: string | undefined;
  /** Writes the complete recording, with the findings of the whole day. */
  finish(findings: DataFindings): MarketRecording;
  /** The journal has the complete recording: what was written before the close is not needed any more. */
  done(): void;
}

/** Records the market data of a session for replay and what-if (TRD-6). */
export interface MarketRecorder {
  /** Begins or continues the recording of a day, with what the feed knew before the session opened; never throws. */
  begin(market: MarketDay, day: ExchangeSession): DayRecording;
}
