import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { MarketSlice } from '../../domain/market/types.js';
import { invariant } from '../../kernel/errors.js';
import { toUtcText, type Clock, type EpochMs } from '../../kernel/time.js';
import type { RecordedSession, ReplayedFeed } from '../../ports/market-data.js';
import type { CashTransfer, SteppedWorld } from '../../ports/stepped-world.js';
import type { SimulatedVenue } from '../broker-sim/venue.js';

export interface LockStepParts {
  readonly venue: SimulatedVenue;
  /** The clock of the exchange; the engine's own, or one that may be behind it. */
  readonly clock: Clock & { advanceTo(at: EpochMs): void };
  readonly feed: ReplayedFeed;
  /** The day of the feed that is played. */
  readonly market: RecordedSession;
  readonly day: ExchangeSession;
}

/**
 * The simulated exchange and a replayed feed, minute by minute in lock-step: the exchange trades in a minute from its
 * start, the session receives its data at its end.
 */
export class LockStepWorld implements SteppedWorld {
  #slices: Iterator<MarketSlice> | undefined;
  #minute: MarketSlice | undefined;

  constructor(private readonly parts: LockStepParts) {}

  settleTransfers(transfers: readonly CashTransfer[]): void {
    for (const transfer of transfers) this.parts.venue.transferCash(transfer);
  }

  beginDay(): void {
    const { venue, feed, market, day } = this.parts;
    const { date, opensAt, closesAt } = day;
    venue.openSession({ date, opensAt, closesAt, references: market.references });
    feed.begin(market, opensAt);
    this.#slices = market.slices(opensAt, closesAt)[Symbol.iterator]();
  }

  openMinute(start: EpochMs): void {
    const next = this.#slices?.next();
    const slice = next?.done === false ? next.value : undefined;
    if (slice?.start !== start) {
      invariant(false, 'WORLD_OUT_OF_STEP', `the market has no minute ${toUtcText(start)} next`);
    }
    this.#minute = slice;
    this.parts.venue.openMinute(slice);
  }

  nextAt(): EpochMs | undefined {
    return this.parts.venue.nextAt();
  }

  moveTo(at: EpochMs): void {
    const { clock } = this.parts;
    if (at > clock.now()) clock.advanceTo(at);
  }

  advanceTo(at: EpochMs): void {
    this.moveTo(at);
    const over = this.#minute;
    if (over === undefined || at < over.end) {
      this.parts.venue.advanceTo(at);
      return;
    }
    this.#minute = undefined;
    this.parts.feed.play(over);
  }

  endDay(): void {
    this.parts.venue.closeSession();
  }
}
