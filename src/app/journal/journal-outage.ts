import type { EventData, NewEvent, StreamName } from '../../events/event.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import type { Uuid } from '../../kernel/hash.js';
import { toUtcText, type Clock, type UtcText } from '../../kernel/time.js';
import { isJournalAway, isJournalLost, waitsForPerson, type AppendResult, type Journal } from '../../ports/journal.js';
import type { OutageSpool, SpooledBatch } from '../../ports/outage-spool.js';
import { bringBack } from './bring-back.js';

/** A journal that does not answer for so long is away; a shorter pause only delays. Milliseconds. */
const ANSWER_WITHIN_MS = 3_000;
/** Between two attempts to reach it again: the first, and at most, doubling in between. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export type OutageJournal = Pick<Journal, 'append' | 'readAll' | 'readStream'>;

/** Waits in the time of the machine. */
export interface OutageTime {
  /** Calls `act` once after `ms` in which the process ran; the result ends the wait. */
  after(ms: number, act: () => void): () => void;
}

export interface JournalOutageOptions {
  readonly journal: OutageJournal;
  readonly spool: OutageSpool;
  readonly clock: Clock;
  readonly time: OutageTime;
  /** Called when the journal goes away, and when it is back. */
  readonly changed: (away: AwayJournal | undefined) => void;
  readonly answerWithinMs?: number;
}

/** A journal that is away. */
export interface AwayJournal {
  readonly since: UtcText;
  readonly cause: string;
  /** It comes back when a person has done something, and not by waiting. */
  readonly waitsForPerson: boolean;
  /** Events of it are gone for good: it does not come back while this process runs. */
  readonly isLost: boolean;
}

/** What became of one batch of several: `kept` is durable in the spool. */
export type Written = { readonly value: AppendResult | 'kept' } | { readonly error: unknown };

/** How many events were kept, and how many of them are orders that the bot intended. */
export type Kept = Pick<EventData<'JournalOutageEnded'>, 'facts' | 'orders'>;

/** The steps that end an outage. */
export interface OutageEnd {
  /** Brings what is kept into the journal. */
  bring(): Promise<void>;
  kept(): Kept;
  /** From here on the journal is written again; everything that was kept is in it. */
  back(): void;
  /** The journal has the end too: what was kept is deleted. */
  forget(): void;
}

/**
 * Writes to the journal while it answers, and into the spool while it does not (RUN-42): what was kept is in the journal before
 * anything else is. The callers append one at a time.
 */
export class JournalOutage {
  #away: AwayJournal | undefined;
  /** Batches of the spool that the journal has. */
  #brought = 0;
  #waits: (() => void)[] = [];
  #end: (end: OutageEnd) => Promise<void> = () => Promise.resolve();
  /** Events that the state has and the journal got later: they are not applied again. */
  readonly #applied = new Set<Uuid>();
  /** Why nothing can be written any more. */
  #refusal: Error | undefined;

  constructor(private readonly options: JournalOutageOptions) {}

  /** Since when the journal is away, and why; undefined while it is not. */
  get away(): AwayJournal | undefined {
    return this.#away;
  }

  /** Events that wait for the journal. */
  get waiting(): number {
    return this.options.spool.batches.reduce((sum, { events }) => sum + events.length, 0);
  }

  /** The owner of the appends ends an outage between two of them. */
  endsBy(end: (end: OutageEnd) => Promise<void>): void {
    this.#end = end;
  }

  /** The caller has applied an event without its place in the journal. */
  noteApplied(id: Uuid): void {
    this.#applied.add(id);
  }

  /** True once for an event that the caller has applied when it was kept. */
  wasApplied(id: Uuid): boolean {
    return this.#applied.delete(id);
  }

  /** Resolves when the journal is not away. */
  async over(): Promise<void> {
    if (this.#away !== undefined) await new Promise<void>((resolve) => this.#waits.push(resolve));
  }

  /** `kept`: the events are durable in the spool. Throws what the journal throws when neither takes them. */
  async append(
    stream: StreamName,
    events: readonly NewEvent[],
    expectedRevision: number | 'noStream',
  ): Promise<AppendResult | 'kept'> {
    const [written] = await this.appendAll([{ stream, events, expectedRevision }]);
    if (written === undefined || 'error' in written) throw written?.error;
    return written.value;
  }

  /** The same for batches of different streams, sent at once: each has its own outcome. */
  async appendAll(batches: readonly SpooledBatch[]): Promise<readonly Written[]> {
    this.#refuseLost();
    if (this.#away !== undefined) {
      this.#keep(batches);
      return batches.map(() => ({ value: 'kept' }));
    }
    const { journal, spool } = this.options;
    const sent = batches.map(({ stream, events, expectedRevision }) =>
      journal.append(stream, events, { expectedRevision }),
    );
    const answers = await Promise.all(sent.map((each) => this.#within(each).catch((error: unknown) => ({ error }))));
    const cause = answers.find((answer) => 'cause' in answer);
    if (cause !== undefined) {
      spool.begin(this.#now());
      this.#keep(batches.filter((_, index) => answers[index] !== undefined && 'cause' in answers[index]));
      this.#leave(cause, whenAnswered(sent));
    }
    return answers.map((answer) => ('cause' in answer ? { value: 'kept' } : answer));
  }

  #keep(batches: readonly SpooledBatch[]): void {
    for (const batch of batches) {
      this.options.spool.add(batch);
      for (const { id } of batch.events) this.noteApplied(id);
    }
  }

  /** Reads, or undefined while the journal is away. */
  async read<T>(read: () => Promise<T>): Promise<T | undefined> {
    this.#refuseLost();
    if (this.#away !== undefined) return undefined;
    const asked = read();
    const answer = await this.#within(asked);
    if ('value' in answer) return answer.value;
    this.options.spool.begin(this.#now());
    this.#leave(answer, asked);
    return undefined;
  }

  #now(): UtcText {
    return toUtcText(this.options.clock.now());
  }

  /** The value, or why there is none yet. Throws what is no outage. */
  async #within<T>(asked: Promise<T>): Promise<{ readonly value: T } | Cause> {
    const { time, answerWithinMs = ANSWER_WITHIN_MS } = this.options;
    let forget = (): void => undefined;
    const silence = new Promise<Cause>((resolve) => {
      const cause = `no answer for ${answerWithinMs / 1_000} s`;
      forget = time.after(answerWithinMs, () => resolve({ cause, waitsForPerson: false, isLost: false }));
    });
    try {
      return await Promise.race([asked.then((value) => ({ value })), silence]);
    } catch (error) {
      if (!isJournalAway(error)) throw error;
      return causeOf(error);
    } finally {
      forget();
    }
  }

  #leave(cause: Cause, asked: Promise<unknown>): void {
    this.#away = { since: this.options.spool.since ?? this.#now(), ...cause };
    this.#brought = 0;
    this.options.changed(this.#away);
    void this.#comeBack(asked);
  }

  /**
   * What was asked last may still be carried out: nothing else is sent before it has an answer. Nothing follows events that are gone: what
   * is kept stays in the home.
   */
  async #comeBack(asked: Promise<unknown>): Promise<void> {
    await asked.catch((error: unknown) => this.#stays(error));
    for (let pauseMs = FIRST_PAUSE_MS; this.#away?.isLost !== true; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      try {
        await this.#bring();
        await this.#end({
          bring: () => this.#bring(),
          kept: () => keptIn(this.options.spool),
          back: () => (this.#away = undefined),
          forget: () => this.#forget(),
        });
        return;
      } catch (error) {
        if (this.#refusal !== undefined || !isJournalAway(error)) {
          this.#lose(error);
          return;
        }
        this.#stays(error);
      }
      await new Promise<void>((resolve) => this.options.time.after(pauseMs, resolve));
    }
  }

  #stays(error: unknown): void {
    if (this.#away === undefined || !isJournalAway(error)) return;
    const isNew = isJournalLost(error) && !this.#away.isLost;
    this.#away = { ...this.#away, ...causeOf(error) };
    if (isNew) this.options.changed(this.#away);
  }

  /** With nothing to bring, the journal is asked for something: it is back only when it has answered. */
  async #bring(): Promise<void> {
    const { journal, spool } = this.options;
    if (spool.batches.length === 0) await journal.readAll({ limit: 1 });
    for (let batch = spool.batches[this.#brought]; batch !== undefined; batch = spool.batches[this.#brought]) {
      if (!(await bringBack(journal, batch))) this.#refusal ??= mixed(batch.stream);
      this.#brought += 1;
    }
  }

  #forget(): void {
    this.options.spool.clear();
    this.#release();
  }

  /** What is kept stays for the next start, which meets the same fault. */
  #lose(error: unknown): void {
    this.#refusal = error instanceof Error ? error : new Error(String(error));
    this.#release();
  }

  #release(): void {
    this.options.changed(undefined);
    for (const resolve of this.#waits.splice(0)) resolve();
  }

  #refuseLost(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }
}

type Cause = Pick<AwayJournal, 'cause' | 'waitsForPerson' | 'isLost'>;

function causeOf(error: unknown): Cause {
  const cause = error instanceof Error ? error.message : String(error);
  return { cause, waitsForPerson: waitsForPerson(error), isLost: isJournalLost(error) };
}

/** Resolves when each has an answer; rejects with what says that the journal is away. */
async function whenAnswered(sent: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(sent);
  const failed = ends.find((end) => end.status === 'rejected' && isJournalAway(end.reason));
  if (failed?.status === 'rejected') throw failed.reason;
}

/** What a spool holds, as the end of an outage says it. */
export function keptIn({ batches }: Pick<OutageSpool, 'batches'>): Kept {
  const events = batches.flatMap(({ events: some }) => some);
  return { facts: events.length, orders: events.filter(({ type }) => type === 'OrderIntended').length };
}

/** The process ends, and its successor reads the journal as it is. */
function mixed(stream: StreamName): TradeBotError {
  return journalError('retry', {
    code: 'JOURNAL_BUSY',
    message: `others wrote to ${stream} while this process could not reach the journal`,
    remedy: 'Nothing has to be done: the engine starts again from the journal.',
  });
}
