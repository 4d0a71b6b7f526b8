import type { OutageTime } from '../../src/app/journal/journal-outage.js';
import { journalError } from '../../src/kernel/errors.js';
import type { UtcText } from '../../src/kernel/time.js';
import type { Journal } from '../../src/ports/journal.js';
import type { OutageSpool, SpooledBatch } from '../../src/ports/outage-spool.js';

/** Pauses between attempts are shorter than a wait for an answer. */
const LONGEST_PAUSE_MS = 2_000;

/** A spool in memory, which outlives the processes of a test. */
export class MemorySpool implements OutageSpool {
  since: UtcText | undefined;
  readonly batches: SpooledBatch[] = [];
  /** The disk is full from so many batches on. */
  most = Number.POSITIVE_INFINITY;

  begin(since: UtcText): void {
    this.since ??= since;
  }

  add(batch: SpooledBatch): void {
    if (this.batches.length >= this.most) throw away('JOURNAL_STALLED', 'the disk is full');
    this.batches.push(JSON.parse(JSON.stringify(batch)) as SpooledBatch);
  }

  clear(): void {
    this.since = undefined;
    this.batches.length = 0;
  }
}

/**
 * A journal whose server can be away: it refuses every call, or answers none until it is back and then carries them out. One that has
 * lost events refuses every call too.
 */
export class AwayJournal {
  /** Called before each append, with its number from 1; may take the server away. */
  onAppend: (nth: number) => void = () => undefined;
  /** Called after each append that was carried out and answered. */
  onAppended: (nth: number) => void = () => undefined;
  #how: 'there' | 'refuses' | 'silent' | 'lost' = 'there';
  #losesAnswer = false;
  #appends = 0;
  #late: (() => void)[] = [];
  #pauses: (() => void)[] = [];
  readonly #waiting = new Set<() => void>();

  /** The time of an outage: silence is noticed at once, and pauses last until the server is back. */
  readonly time: OutageTime = {
    after: (ms, act) => {
      if (ms > LONGEST_PAUSE_MS) return this.#waitForAnswer(act);
      if (this.#how === 'there') setImmediate(act);
      else this.#pauses.push(act);
      return () => undefined;
    },
  };

  /** `losesAnswer`: the append that runs is carried out first, and its caller does not hear of it. */
  goAway(how: 'refuses' | 'silent' | 'lost', losesAnswer = false): void {
    this.#how = how;
    this.#losesAnswer = losesAnswer;
    if (how === 'lost') for (const call of this.#pauses.splice(0)) call();
    if (how === 'silent') for (const notice of this.#waiting) notice();
  }

  comeBack(): void {
    this.#how = 'there';
    for (const call of [...this.#late.splice(0), ...this.#pauses.splice(0)]) call();
  }

  wrap(journal: Journal): Journal {
    return new Proxy(journal, {
      get: (target, key): unknown => {
        // as on a server: what follows an append is read
        if (key === 'chainsStreams') return true;
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        const call = value as (...given: readonly unknown[]) => Promise<unknown>;
        if (key !== 'append' && key !== 'readAll' && key !== 'readStream') return call.bind(target);
        return (...given: readonly unknown[]) => this.#call(() => call.apply(target, [...given]), key === 'append');
      },
    });
  }

  async #call(work: () => Promise<unknown>, isAppend: boolean): Promise<unknown> {
    if (isAppend && this.#how === 'there') {
      this.#appends += 1;
      this.onAppend(this.#appends);
      if (this.#losesAnswer) {
        this.#losesAnswer = false;
        await work();
      }
    }
    if (this.#how === 'silent') await new Promise<void>((resolve) => this.#late.push(resolve));
    if (this.#how === 'refuses') throw away('JOURNAL_UNREACHABLE', 'the server cannot be reached');
    if (this.#how === 'lost') throw lost();
    const result = await work();
    if (isAppend) this.onAppended(this.#appends);
    return result;
  }

  #waitForAnswer(act: () => void): () => void {
    const notice = (): void => void setImmediate(() => this.#waiting.delete(notice) && act());
    this.#waiting.add(notice);
    if (this.#how === 'silent') notice();
    return () => this.#waiting.delete(notice);
  }
}

function away(code: string, message: string): Error {
  return journalError('retry', { code, message, remedy: 'Wait.' });
}

function lost(): Error {
  const message = 'revisions 0 to 4 of stream lifecycle are gone';
  return journalError('stop', { code: 'JOURNAL_EVENTS_LOST', message, remedy: 'Restore a backup.' });
}
