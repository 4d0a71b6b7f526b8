import type { Quota } from '../../ports/universe-provider.js';

/** Milliseconds since a fixed instant, only forwards, and a wait in the same time. */
export interface Waiting {
  elapsedMs(): number;
  wait(ms: number): Promise<void>;
}

const MINUTE = 60_000;
const SECOND = 1_000;

/**
 * The calls of one provider, shared by everything in a process that asks it: never more in any minute and in any second than
 * the provider allows. A refusal for too many calls pauses all of them, not the one that was refused.
 */
export class ProviderQuota {
  /** Times of the last calls, as many as a minute allows. */
  readonly #calls: number[] = [];
  #pausedUntil = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly quota: Quota,
    private readonly time: Waiting,
  ) {}

  /** Resolves when a call may be made, in the order of asking. */
  take(): Promise<void> {
    const turn = this.#last.then(() => this.#turn());
    this.#last = turn;
    return turn;
  }

  /** No call for so long. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.time.elapsedMs() + ms);
  }

  async #turn(): Promise<void> {
    // a pause may come while this one waits: each pass waits for what is missing then, and each call ages
    for (let wait = this.#waitMs(); wait > 0; wait = this.#waitMs()) await this.time.wait(wait);
    this.#calls.push(this.time.elapsedMs());
    if (this.#calls.length > this.quota.perMinute) this.#calls.shift();
  }

  #waitMs(): number {
    const now = this.time.elapsedMs();
    const { perMinute, perSecond } = this.quota;
    const free = Math.max(this.#freeAt(perMinute, MINUTE), this.#freeAt(perSecond, SECOND), this.#pausedUntil);
    return Math.ceil(free - now);
  }

  #freeAt(most: number, windowMs: number): number {
    const oldest = this.#calls[this.#calls.length - most];
    return oldest === undefined ? 0 : oldest + windowMs;
  }
}
