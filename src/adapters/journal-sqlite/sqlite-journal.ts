import type Database from 'better-sqlite3';
import type { Observable } from 'rxjs';
import type { NewEvent, Position, RecordedEvent, StreamName } from '../../events/event.js';
import type { Evolution } from '../../events/upcasters.js';
import { TradeBotError } from '../../kernel/errors.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type {
  AppendResult,
  Direction,
  EventFilter,
  ExpectedRevision,
  Journal,
  JournalFile,
  JournalHead,
  VerifyResult,
} from '../../ports/journal.js';
import type { Stopwatch } from '../../ports/stopwatch.js';
import { ProcessStopwatch } from '../clock/process-stopwatch.js';
import { encodeBatch } from '../journal-common/append.js';
import { journalClosed } from '../journal-common/errors.js';
import { collect, limitOf, subscribeToPages, type Page } from '../journal-common/paging.js';
import { positionNumber } from '../journal-common/position.js';
import { AppendQueue } from './append-queue.js';
import { ChangeWatcher } from './change-watcher.js';
import { FileRepair } from './file-repair.js';
import { openFile } from './open-file.js';
import { OpenJournalFile } from './open-journal-file.js';
import { PageReader, type Read } from './reader.js';
import { fromSqlite } from './sqlite-errors.js';
import { verifyFile } from './verifier.js';
import { GroupWriter } from './writer.js';

export interface SqliteJournalOptions {
  /** Absolute path of the file; it and its folder are created when missing. */
  readonly path: string;
  readonly clock: Clock;
  /** How long an append waits for another process before it fails with `JOURNAL_BUSY`; default 5000. */
  readonly busyTimeoutMs?: number;
  /** Called at each step of a transaction after which a crash is tested; for crash tests. */
  readonly onStep?: (step: string) => void;
  /** Paces the attempts to open a failed file again; that of the process when left out. */
  readonly stopwatch?: Stopwatch;
  /** The process answers questions about all events: it looks through them ahead, in between of its other work; default false. */
  readonly looksAhead?: boolean;
  /** How events of older versions are read (JRN-12); the program's own evolution when left out. */
  readonly evolution?: Evolution;
}

const BUSY_TIMEOUT_MS = 5_000;
/** SQLite itself blocks this long; then the process yields for the pause and tries again. */
const LOCK_WAIT_MS = 20;
const BUSY_PAUSE_MS = 10;

/** The open file with what reads and writes it; replaced as a whole when the file is opened again. */
interface Handle {
  readonly db: Database.Database;
  readonly reader: PageReader;
  readonly writer: GroupWriter;
}

/** The embedded journal (JRN-6): one SQLite file for several concurrent readers and writers in several processes. */
export class SqliteJournal implements Journal {
  readonly file: JournalFile;
  readonly #options: SqliteJournalOptions;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #watcher: ChangeWatcher;
  readonly #queue: AppendQueue;
  readonly #repair: FileRepair;
  /** Handles that were replaced during a verification, which reads on with them. */
  readonly #replaced: Database.Database[] = [];
  #handle: Handle;
  #verifications = 0;
  #closing: Promise<void> | undefined;

  /** Throws JournalError `JOURNAL_FOREIGN`, `JOURNAL_NEWER`, `JOURNAL_CORRUPT`, `JOURNAL_STALLED` or `JOURNAL_BUSY`. */
  static open(options: SqliteJournalOptions): SqliteJournal {
    return new SqliteJournal(options);
  }

  private constructor(options: SqliteJournalOptions) {
    this.#options = options;
    this.#path = options.path;
    this.#clock = options.clock;
    this.#handle = this.#handleOf(openFile(options.path, LOCK_WAIT_MS));
    this.file = new OpenJournalFile(options.path, () => this.#handle.db);
    this.#watcher = new ChangeWatcher(this.#handle.db, options.path);
    this.#repair = new FileRepair(options.path, options.stopwatch ?? new ProcessStopwatch());
    this.#queue = new AppendQueue({
      write: (group) => this.#handle.writer.write(group),
      reopen: (fault) => this.#reopen(fault),
      committed: () => this.#watcher.wakeAll(),
      busyAttempts: Math.ceil((options.busyTimeoutMs ?? BUSY_TIMEOUT_MS) / (LOCK_WAIT_MS + BUSY_PAUSE_MS)),
      busyPauseMs: BUSY_PAUSE_MS,
    });
    if (options.looksAhead === true) this.#lookAhead(undefined);
  }

  async append(
    stream: StreamName,
    events: readonly NewEvent[],
    options: { readonly expectedRevision: ExpectedRevision },
  ): Promise<AppendResult> {
    this.#assertOpen();
    const batch = encodeBatch(stream, events);
    const recordedAt = toUtcText(this.#clock.now());
    return this.#queue.push({ stream, batch, expected: options.expectedRevision, recordedAt });
  }

  async readStream(
    stream: StreamName,
    options: { readonly from?: number; readonly direction?: Direction; readonly limit?: number } = {},
  ): Promise<readonly RecordedEvent[]> {
    const direction = options.direction ?? 'forwards';
    const step = direction === 'forwards' ? 1 : -1;
    return collect<Read>(limitOf(options.limit), (previous, size) => {
      const last = previous?.events.at(-1);
      const from = last === undefined ? options.from : last.revision + step;
      return this.#ask(() => this.#handle.reader.readStream(stream, from, direction, size));
    });
  }

  async readAll(
    options: {
      readonly after?: Position;
      readonly direction?: Direction;
      readonly limit?: number;
      readonly filter?: EventFilter;
    } = {},
  ): Promise<readonly RecordedEvent[]> {
    const { filter } = options;
    const start = options.after === undefined ? undefined : positionNumber(options.after);
    const limit = limitOf(options.limit);
    if (options.direction === 'backwards') {
      const before = start ?? this.#ask(() => (this.#handle.reader.head()?.count ?? 0) + 1);
      return collect<Page>(limit, (previous, size) =>
        this.#ask(() => this.#handle.reader.readPageBackwards(previous?.cursor ?? before, filter, size)),
      );
    }
    return collect<Page>(limit, (previous, size) =>
      this.#ask(() => this.#handle.reader.readPage(previous?.cursor ?? start ?? 0, filter, size)),
    );
  }

  async head(): Promise<JournalHead | undefined> {
    return this.headNow();
  }

  headNow(): JournalHead | undefined {
    return this.#ask(() => this.#handle.reader.head());
  }

  subscribe(options: { readonly after?: Position; readonly filter?: EventFilter } = {}): Observable<RecordedEvent> {
    this.#assertOpen();
    const after = options.after === undefined ? 0 : positionNumber(options.after);
    return subscribeToPages(
      {
        readPage: (cursor, filter, limit) => this.#ask(() => this.#handle.reader.readPage(cursor, filter, limit)),
        onChange: (wake, closed) => this.#watcher.add(wake, closed),
      },
      after,
      options.filter,
    );
  }

  async verify(onProgress?: (checked: number, total: number) => void, since?: JournalHead): Promise<VerifyResult> {
    this.#assertOpen();
    this.#verifications += 1;
    try {
      return await verifyFile(this.#handle.db, onProgress, since);
    } finally {
      this.#verifications -= 1;
      this.#closeReplaced();
    }
  }

  /** Writes all waiting events, completes the subscriptions and releases the file; a second call is harmless. */
  async close(): Promise<void> {
    this.#closing ??= this.#queue.close().then(() => {
      this.#watcher.close();
      for (const db of [...this.#replaced.splice(0), this.#handle.db]) db.close();
    });
    return this.#closing;
  }

  #handleOf(db: Database.Database): Handle {
    const { path, evolution, onStep } = this.#options;
    return { db, reader: new PageReader(db, evolution), writer: new GroupWriter(db, path, onStep) };
  }

  /** The file is looked at again after it had failed: subscriptions and reads continue with the new handle. */
  #reopen(fault: TradeBotError): TradeBotError | undefined {
    const found = this.#repair.attempt(fault, this.#handle.writer.committed);
    if (found instanceof TradeBotError) return found;
    this.#replaced.push(this.#handle.db);
    this.#handle = this.#handleOf(found);
    this.#watcher.watchBy(found);
    this.#closeReplaced();
    return undefined;
  }

  #closeReplaced(): void {
    if (this.#verifications > 0) return;
    for (const db of this.#replaced.splice(0)) db.close();
  }

  /** Below this span, from the newest on; a file that is opened again is looked through by its questions. */
  #lookAhead(below: number | undefined): void {
    setImmediate(() => {
      if (this.#closing !== undefined) return;
      try {
        const next = this.#handle.reader.learnBelow(below);
        if (next > 0) this.#lookAhead(next);
      } catch {
        // What reads the file for somebody meets the same fault, and reports it.
      }
    }).unref();
  }

  #ask<T>(read: () => T): T {
    this.#assertOpen();
    try {
      return read();
    } catch (error) {
      throw fromSqlite(this.#path, error);
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw journalClosed();
  }
}
