import type { MarketSlice, SymbolReference } from '../../domain/market/types.js';
import type { DateText, EpochMs } from '../../kernel/time.js';
import type { CashTransfer } from '../../ports/stepped-world.js';

export interface VenueSession {
  readonly date: DateText;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  readonly references: readonly SymbolReference[];
}

/**
 * The exchange behind the simulated broker, driven by a virtual clock (RUN-28). At the start of each minute the
 * world passes it the minute, asks when its next event is due, advances it there, and the session takes its updates
 * before any later event. No event falls on a whole second, so it never coincides with a minute of market data.
 */
export interface SimulatedVenue {
  /**
   * Begins a day. When the broker's own store has requests of this day (the bot failed during it), they are replayed at
   * their original times with the minutes, with the same results.
   */
  openSession(session: VenueSession): void;
  /** The minute [slice.start, slice.end) begins: the venue can read its data, the bot cannot. */
  openMinute(slice: MarketSlice): void;
  /** Time of the next event within the minutes opened so far; undefined when there is none. */
  nextAt(): EpochMs | undefined;
  /** Runs all events up to and including `at`; emits updates on `orderUpdates$` in order, each with its own time. */
  advanceTo(at: EpochMs): void;
  /** Expires day orders and saves the account of the day. */
  closeSession(): void;
  /** Simulates an external transfer; it appears in the account's activities with its reference. */
  transferCash(transfer: CashTransfer): void;
}
