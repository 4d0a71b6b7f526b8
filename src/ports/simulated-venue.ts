import type { MarketSlice, SymbolReference } from '../domain/market/types.js';
import type { DateText, EpochMs } from '../kernel/time.js';
import type { Decimal } from '../kernel/decimal.js';

export interface VenueSession {
  readonly date: DateText;
  readonly opensAt: EpochMs;
  readonly closesAt: EpochMs;
  readonly references: readonly SymbolReference[];
}

/**
 * The exchange behind the simulated broker, driven by the virtual clock (RUN-28). The loop gives it each minute when the
 * minute begins, asks when its next event is due, advances it there, and passes its updates to the engine before
 * anything later happens. No event falls on a whole second, so it never coincides with a minute of market data.
 */
export interface SimulatedVenue {
  /**
   * Begins a day. When the broker's own store holds requests of this very day (the bot died in it), they are taken in
   * again at their own times while the minutes are played again, so that everything happens as it did.
   */
  openSession(session: VenueSession): void;
  /** The minute [slice.start, slice.end) begins: the venue may look into it, the bot may not. */
  openMinute(slice: MarketSlice): void;
  /** Time of the next event within the minutes opened so far; undefined when there is none. */
  nextAt(): EpochMs | undefined;
  /** Runs everything up to and including `at`; updates come on `orderUpdates$` in order, each with its own time. */
  advanceTo(at: EpochMs): void;
  /** Day orders expire, the account of the day is made durable. */
  closeSession(): void;
  /** A transfer that a person made outside; it shows in the account's activities with its reference. */
  transferCash(transfer: {
    readonly reference: string;
    readonly amount: Decimal;
    readonly direction: 'in' | 'out';
  }): void;
}
