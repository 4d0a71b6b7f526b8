import { epochMs, type EpochMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';

interface Planned {
  readonly at: EpochMs;
  readonly act: () => unknown;
}

/**
 * A pacer without real waits: every wait ends immediately, at its time. Work takes no time. The event loop turns at
 * each wait, so scheduled actions of the world run; `plan` schedules them.
 */
export class VirtualPacer implements Pacer {
  speed = 1;
  protected time: EpochMs;
  #elapsedMs = 0;
  #woken = false;
  #planned: readonly Planned[] = [];

  constructor(start: EpochMs) {
    this.time = epochMs(start);
  }

  now(): EpochMs {
    return this.time;
  }

  /** `act` runs when a wait comes to `at`: before whatever waits for this very time. */
  plan(at: EpochMs, act: () => unknown): void {
    this.#planned = [...this.#planned, { at, act }].sort((a, b) => a.at - b.at);
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  async until(at: EpochMs): Promise<'reached' | 'woken'> {
    await turn();
    for (let next = this.#planned[0]; !this.#woken && next !== undefined && next.at <= at; next = this.#planned[0]) {
      this.#planned = this.#planned.slice(1);
      this.#passTo(next.at);
      await next.act();
      await turn();
    }
    if (this.#woken) {
      this.#woken = false;
      return 'woken';
    }
    this.#passTo(at);
    return 'reached';
  }

  #passTo(at: EpochMs): void {
    if (at <= this.time) return;
    this.#elapsedMs += at - this.time;
    this.time = at;
  }

  wake(): void {
    this.#woken = true;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
