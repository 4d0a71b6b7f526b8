import type { EpochMs } from '../kernel/time.js';
import type { Decimal } from '../kernel/decimal.js';

/** A transfer between the owner's bank and the account at the broker. */
export interface CashTransfer {
  readonly reference: string;
  readonly amount: Decimal;
  readonly direction: 'in' | 'out';
}

/**
 * A simulated world that moves only when the session moves it (RUN-28): exchange, broker, bank and a replayed feed in
 * lock-step. A session with a real broker and a real feed has none, and waits for the clock and for news.
 * No event falls on a whole second, so it never coincides with the end of a minute.
 */
export interface SteppedWorld {
  /** Its bank executes transfers that a person acknowledged; a transfer that it knows already moves nothing. */
  settleTransfers(transfers: readonly CashTransfer[]): void;
  /** The exchange opens. What the broker was asked on this day before a crash happens again at its original time. */
  beginDay(): void;
  /** The next minute begins: the exchange trades in it, the session knows nothing of it yet. */
  openMinute(start: EpochMs): void;
  /** Time of the next event within the minutes opened so far; undefined when there is none. */
  nextAt(): EpochMs | undefined;
  /** Time passes without an event. */
  moveTo(at: EpochMs): void;
  /** Runs all events up to and including `at`; at the end of the open minute the feed emits its data. */
  advanceTo(at: EpochMs): void;
  /** The exchange closes: day orders expire, and the account of the day is saved. */
  endDay(): void;
}
