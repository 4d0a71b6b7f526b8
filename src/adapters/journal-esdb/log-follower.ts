import { setImmediate as nextMacrotask, setTimeout as pause } from 'node:timers/promises';
import { PAGE_EVENTS } from '../journal-common/paging.js';
import type { Answers, EsdbConnection } from './esdb-connection.js';
import { failureOf, journalErrorOf } from './esdb-errors.js';
import { isAfter, type LogPosition } from './esdb-position.js';
import type { EsdbRecord } from './event-record.js';
import { checkpointOf, recordOf, type StreamFilter } from './read-request.js';

export interface LogFollowerParts {
  readonly connection: EsdbConnection;
  /** The prefix of every stream of this bot. */
  readonly prefix: string;
  readonly after: LogPosition | undefined;
  readonly filter: StreamFilter;
  /** Takes each event once, in the order of the log; an event that it throws at is not passed over. */
  readonly take: (record: EsdbRecord) => void;
}

/** How often in a row a failing subscription is retried before its follower gets the error. */
const RESUBSCRIBE_LIMIT = 60;
const LEAST_PAUSE_MS = 50;

/**
 * Past events, then live ones, in the order of the log. The client never resubscribes by itself: when the connection
 * breaks, this resumes after the last event and drops duplicates, so there is no gap and no duplicate.
 */
export class LogFollower {
  readonly #parts: LogFollowerParts;
  readonly #stopping = new AbortController();
  #cursor: LogPosition | undefined;
  #failures = 0;
  #answers: Answers | undefined;

  constructor(parts: LogFollowerParts) {
    this.#parts = parts;
    this.#cursor = parts.after;
  }

  stop(): void {
    this.#stopping.abort();
    this.#answers?.cancel();
  }

  /** Ends when stopped; rejects when the server refuses, or stays unreachable. */
  async run(): Promise<void> {
    const { connection } = this.#parts;
    while (!this.#stopped()) {
      try {
        await this.#follow();
      } catch (error) {
        if (this.#stopped()) return;
        if (failureOf(error) !== 'transient' || this.#failures >= RESUBSCRIBE_LIMIT) {
          throw journalErrorOf(error, connection.url, 'a subscription');
        }
      }
      this.#failures += 1;
      const ms = Math.max(connection.pauseAfter(this.#failures), LEAST_PAUSE_MS);
      await pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** Until the connection breaks. */
  async #follow(): Promise<void> {
    const { connection, filter } = this.#parts;
    const answers = await connection.follow({ of: 'all', from: this.#cursor ?? 'start', filter });
    this.#answers = answers;
    let taken = 0;
    const silence = new AbortController();
    void this.#cancelWhenDead(answers, () => taken, silence.signal);
    try {
      for await (const answer of answers) {
        if (this.#stopped()) return;
        if (answer.hasConfirmation()) this.#failures = 0;
        this.#take(answer);
        taken += 1;
        // A long catch-up must not block the process.
        if (taken % PAGE_EVENTS === 0) await nextMacrotask();
      }
    } finally {
      silence.abort();
      this.#answers = undefined;
      answers.cancel();
    }
  }

  /**
   * A subscription can stay silent for ever although the server has more: a connection that breaks at the wrong
   * moment confirms it, and then neither delivers nor ends. Whenever nothing came for the time of a call, a bounded
   * read looks for events that should have come; a subscription that never answered is cancelled at once.
   */
  async #cancelWhenDead(answers: Answers, taken: () => number, until: AbortSignal): Promise<void> {
    const { connection, filter } = this.#parts;
    let before = 0;
    while (await passed(connection.callTimeoutMs, until)) {
      const now = taken();
      const silent = now === before;
      before = now;
      if (!silent) continue;
      const missed = now === 0 || (await this.#isBehind(filter).catch(() => true));
      if (missed && taken() === now) answers.cancel();
    }
  }

  async #isBehind(filter: StreamFilter): Promise<boolean> {
    const cursor = this.#cursor;
    const read = { of: 'all', from: cursor ?? 'start', filter, backwards: false, count: 2 } as const;
    const records = await this.#parts.connection.read(read);
    return records.some(({ position }) => cursor === undefined || position === null || isAfter(position, cursor));
  }

  #take(answer: Parameters<typeof recordOf>[0]): void {
    const record = recordOf(answer, this.#parts.prefix);
    const position = record === undefined ? checkpointOf(answer) : (record.position ?? undefined);
    if (position === undefined || (this.#cursor !== undefined && !isAfter(position, this.#cursor))) return;
    // Taken before the cursor moves: an event that cannot be taken is not skipped.
    if (record !== undefined) this.#parts.take(record);
    this.#cursor = position;
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }
}

/** Waits; false when it was aborted meanwhile. */
async function passed(ms: number, until: AbortSignal): Promise<boolean> {
  return pause(ms, true, { signal: until }).catch(() => false);
}
