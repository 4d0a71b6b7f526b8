import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';

/** Pause between two attempts to close what is left open. */
const CLOSE_AGAIN_MS = MINUTE_MS;

/** Paces the attempts to close what is left open, by a clock that only goes forwards. */
export class ClosingPause {
  #againAtMs = 0;

  constructor(private readonly pacer: Pick<Pacer, 'elapsedMs' | 'now'>) {}

  /** False when the next attempt may begin. */
  get lasts(): boolean {
    return this.#leftMs > 0;
  }

  /** When it ends, by the clock of the pacer as it is now. */
  get endsAt(): EpochMs {
    return plusMs(this.pacer.now(), this.#leftMs);
  }

  /** An attempt has ended. */
  begin(): void {
    this.#againAtMs = this.pacer.elapsedMs() + CLOSE_AGAIN_MS;
  }

  get #leftMs(): number {
    return Math.ceil(this.#againAtMs - this.pacer.elapsedMs());
  }
}
