import type { AppendResult } from '../../ports/journal.js';
import { journalBusy, journalClosed } from '../journal-common/errors.js';
import type { AppendRequest } from './append-plan.js';
import type { Outcome } from './stream-writer.js';

interface Waiting {
  readonly request: AppendRequest;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Decides and writes requests to one stream; returns outcomes for the first of them, at least one. */
export type WriteRun = (
  stream: AppendRequest['stream'],
  requests: readonly AppendRequest[],
) => Promise<readonly Outcome[]>;

/** Waiting events beyond which an append is refused with `JOURNAL_BUSY`. */
const QUEUE_LIMIT = 100_000;
/** Requests that are decided together. */
const RUN_LIMIT = 512;

/**
 * Appends of this process, strictly in the order of the calls, so that causes precede effects in the global order.
 * Adjacent requests to one stream share a round trip.
 */
export class AppendLine {
  readonly #write: WriteRun;
  #waiting: Waiting[] = [];
  #events = 0;
  #running = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(write: WriteRun) {
    this.#write = write;
  }

  push(request: AppendRequest): Promise<AppendResult> {
    if (this.#closed) return Promise.reject(journalClosed());
    if (this.#events > 0 && this.#events + request.batch.length > QUEUE_LIMIT) {
      return Promise.reject(journalBusy(`${this.#events} events are waiting to be written; no more are accepted`));
    }
    this.#events += request.batch.length;
    if (!this.#running) {
      this.#running = true;
      setImmediate(() => void this.#run());
    }
    return new Promise((resolve, reject) => this.#waiting.push({ request, resolve, reject }));
  }

  /** Resolves when every earlier push was answered; later pushes are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #run(): Promise<void> {
    for (let run = this.#nextRun(); run.length > 0; run = this.#nextRun()) {
      const outcomes = await this.#outcomesOf(run);
      const settled = run.slice(0, outcomes.length);
      this.#waiting.splice(0, settled.length);
      settled.forEach(({ request, resolve, reject }, index) => {
        this.#events -= request.batch.length;
        const outcome = outcomes[index];
        if (outcome !== undefined && 'result' in outcome) resolve(outcome.result);
        else reject(outcome?.error);
      });
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** The first request, and those directly behind it that go to the same stream. */
  #nextRun(): readonly Waiting[] {
    const stream = this.#waiting[0]?.request.stream;
    const end = this.#waiting.findIndex(({ request }, index) => request.stream !== stream || index >= RUN_LIMIT);
    return this.#waiting.slice(0, end < 0 ? this.#waiting.length : end);
  }

  async #outcomesOf(run: readonly Waiting[]): Promise<readonly Outcome[]> {
    const requests = run.map((waiting) => waiting.request);
    const [first] = requests;
    if (first === undefined) return [];
    try {
      return await this.#write(first.stream, requests);
    } catch (error) {
      return requests.map(() => ({ error }));
    }
  }
}
