import { MINUTE_MS, plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';

/** Pauses between attempts to close what is left open. */
export const CLOSING_PAUSES: readonly number[] = [MINUTE_MS];
/** Pauses between attempts to reach a broker that is away; the last one is repeated. */
export const AWAY_PAUSES: readonly number[] = [5 * SECOND_MS, 15 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS];

/** Paces attempts at one thing, by a clock that only goes forwards. */
export class AttemptPause {
  #againAtMs = 0;
  #count = 0;

  constructor(
    private readonly pacer: Pick<Pacer, 'elapsedMs' | 'now'>,
    private readonly pauses: readonly number[],
  ) {}

  /** False when the next attempt may begin. */
  get lasts(): boolean {
    return this.#leftMs > 0;
  }

  /** When it ends, by the clock of the pacer as it is now. */
  get endsAt(): EpochMs {
    return plusMs(this.pacer.now(), this.#leftMs);
  }

  /** An attempt has ended, and another one will follow. */
  begin(): void {
    const ms = this.pauses[Math.min(this.#count, this.pauses.length - 1)] ?? 0;
    this.#count += 1;
    this.#againAtMs = this.pacer.elapsedMs() + ms;
  }

  /** An attempt was successful: the next pause is the first one again. */
  end(): void {
    this.#count = 0;
    this.#againAtMs = 0;
  }

  get #leftMs(): number {
    return Math.ceil(this.#againAtMs - this.pacer.elapsedMs());
  }
}
