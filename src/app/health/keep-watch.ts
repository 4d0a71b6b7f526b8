import { plusMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';
import type { Watchdog } from './watchdog.js';

/** Between two looks, by the pacer's time. */
export const LOOK_EVERY_MS = 5_000;

/**
 * Looks again and again until `stop`, in a session and between sessions. Give it a pacer of its own: one has one waiter.
 * A look that fails is told to `onFault` and the next one comes all the same.
 */
export class WatchKeeper {
  #stopped = false;

  constructor(
    private readonly watchdog: Watchdog,
    private readonly pacer: Pacer,
    private readonly onFault: (fault: unknown) => void,
    private readonly everyMs = LOOK_EVERY_MS,
  ) {}

  async run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.watchdog.look();
      } catch (fault) {
        this.onFault(fault);
      }
      await this.pacer.until(plusMs(this.pacer.now(), this.everyMs));
    }
  }

  stop(): void {
    this.#stopped = true;
    this.pacer.wake();
  }
}
