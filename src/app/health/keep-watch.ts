import { plusMs } from '../../kernel/time.js';
import type { Pacer } from '../../ports/pacer.js';
import type { Watchdog } from './watchdog.js';

/** Between two checks, by the pacer's time. */
export const LOOK_EVERY_MS = 5_000;

/**
 * Checks repeatedly until `stop`, in a session and between sessions. Give it a pacer of its own: a pacer has one
 * waiter. A failed check is reported to `onFault` and the next one follows as usual.
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
