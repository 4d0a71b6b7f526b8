import { VirtualPacer as ReplayPacer } from '../../src/adapters/clock/virtual-pacer.js';
import { epochMs, type EpochMs } from '../../src/kernel/time.js';

/** The virtual pacer of replays, whose clock a test may set. */
export class VirtualPacer extends ReplayPacer {
  /** The clock is set, forwards or back: no time passes. */
  set(at: EpochMs): void {
    this.time = epochMs(at);
  }
}
