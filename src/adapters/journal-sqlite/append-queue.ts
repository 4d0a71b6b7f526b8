import { TradeBotError } from '../../kernel/errors.js';
import type { AppendResult } from '../../ports/journal.js';
import { journalBusy, journalClosed } from '../journal-common/errors.js';
import type { AppendRequest, Outcome } from './writer.js';

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface QueueOptions {
  /** Writes a group in one transaction; throws when it failed as a whole. */
  readonly write: (group: readonly AppendRequest[]) => readonly Outcome[];
  /** Called after each transaction: there may be new events. */
  readonly committed: () => void;
  /** Called before an append after the file had failed: opens it again. Returns why it stays broken, or undefined. */
  readonly reopen: (fault: TradeBotError) => TradeBotError | undefined;
  /** How often a group is tried when another process holds the file, and the pause between attempts. */
  readonly busyAttempts: number;
  readonly busyPauseMs: number;
}

/** Waiting events beyond which an append is refused with `JOURNAL_BUSY`. */
const QUEUE_LIMIT = 100_000;
/** Events per transaction; a single larger batch still goes in one. */
const GROUP_LIMIT = 8_192;

/**
 * Group commit: all appends of one turn of the event loop share a transaction and its fsync. Each caller gets its own
 * outcome, after the commit.
 */
export class AppendQueue {
  readonly #options: QueueOptions;
  #waiting: Waiting[] = [];
  #events = 0;
  #scheduled = false;
  #attempts = 0;
  #broken: TradeBotError | undefined;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  push(request: AppendRequest): Promise<AppendResult> {
    if (this.#closed) return Promise.reject(journalClosed());
    if (this.#broken !== undefined) this.#broken = this.#options.reopen(this.#broken);
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#events > 0 && this.#events + request.batch.length > QUEUE_LIMIT) {
      return Promise.reject(journalBusy(`${this.#events} events are waiting to be written; no more are accepted`));
    }
    this.#events += request.batch.length;
    this.#schedule();
    return new Promise((resolve, reject) => this.#waiting.push({ request, resolve, reject }));
  }

  /** Resolves when every earlier push was answered; later pushes are refused. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const group = this.#takeGroup();
    try {
      const outcomes = this.#options.write(group.map((waiting) => waiting.request));
      this.#attempts = 0;
      this.#settle(group, outcomes);
    } catch (error) {
      if (this.#retryLater(group, error)) return;
      this.#attempts = 0;
      if (error instanceof TradeBotError && error.callerMust === 'stop') this.#broken = error;
      this.#settle(
        group,
        group.map(() => ({ error })),
      );
    }
    this.#options.committed();
    if (this.#broken !== undefined) this.#refuseRest(this.#broken);
    if (this.#waiting.length > 0) this.#schedule();
    else for (const resolve of this.#idle.splice(0)) resolve();
  };

  #takeGroup(): readonly Waiting[] {
    let events = 0;
    let taken = 0;
    for (const { request } of this.#waiting) {
      if (taken > 0 && events + request.batch.length > GROUP_LIMIT) break;
      events += request.batch.length;
      taken += 1;
    }
    this.#events -= events;
    if (taken < this.#waiting.length) return this.#waiting.splice(0, taken);
    const all = this.#waiting;
    this.#waiting = [];
    return all;
  }

  /** The group goes back to the front of the queue, in order, for a bounded number of times. */
  #retryLater(group: readonly Waiting[], error: unknown): boolean {
    if (!(error instanceof TradeBotError) || error.code !== 'JOURNAL_BUSY') return false;
    this.#attempts += 1;
    if (this.#attempts >= this.#options.busyAttempts) return false;
    this.#waiting = [...group, ...this.#waiting];
    for (const { request } of group) this.#events += request.batch.length;
    this.#scheduled = true;
    setTimeout(this.#flush, this.#options.busyPauseMs);
    return true;
  }

  #refuseRest(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#events = 0;
  }

  #settle(group: readonly Waiting[], outcomes: readonly Outcome[]): void {
    for (const [index, { resolve, reject }] of group.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined && 'result' in outcome) resolve(outcome.result);
      else reject(outcome?.error ?? journalClosed());
    }
  }
}
