import { epochMs, type EpochMs } from '../../kernel/time.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';

/** A report that may have to wait for a part of it; everything after it waits too. */
export interface QueuedReport {
  ready: boolean;
  /** Made when it leaves; undefined when nothing is to be reported any more. */
  readonly make: (at: (earliest: EpochMs) => EpochMs) => BrokerUpdate | undefined;
}

/** The reports of one order in the order in which they happened; their times never go back. */
export class UpdateQueue {
  readonly sent: BrokerUpdate[] = [];
  readonly #waiting: QueuedReport[] = [];
  readonly #idle: (() => void)[] = [];
  #lastAt = 0;

  constructor(private readonly emit: (update: BrokerUpdate) => void) {}

  get isIdle(): boolean {
    return this.#waiting.length === 0;
  }

  push(report: QueuedReport): void {
    this.#waiting.push(report);
    this.drain();
  }

  /** Sends what is ready, up to the first report that is not. */
  drain(): void {
    for (let head = this.#waiting[0]; head?.ready === true; head = this.#waiting[0]) {
      this.#waiting.shift();
      const update = head.make((earliest) => epochMs(Math.max(earliest, this.#lastAt)));
      if (update === undefined) continue;
      this.#lastAt = update.at;
      this.sent.push(update);
      this.emit(update);
    }
    if (this.isIdle) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when nothing waits any more. */
  whenIdle(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
