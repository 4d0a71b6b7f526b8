import { statSync } from 'node:fs';
import type {
  Checkpoint,
  FileText,
  KeptFile,
  Projection,
  ProjectionRun,
  RefusedEvent,
  Refusals,
} from '../../../projections/kit/projection.js';
import type { OpenTarget } from '../../ports/projection-targets.js';
import type { AppendLog } from './append-log.js';
import { BatchWriter } from './batch-writer.js';
import { CheckpointDb, type StoredCheckpoint } from './checkpoint-db.js';
import { PUBLISH, type TargetsContext } from './context.js';
import { onDisk } from './disk-fault.js';
import type { EvidenceNotes } from './evidence-notes.js';
import { byPath, keptOrWritten } from './kept-files.js';
import { writePublished } from './published.js';

export interface LiveParts {
  readonly db: CheckpointDb;
  readonly logs: readonly AppendLog[];
  readonly stored: StoredCheckpoint;
  /** Whether the database on disk is in its published form. */
  readonly published: boolean;
}

/** The target in use. */
export class LiveTarget implements OpenTarget {
  #db: CheckpointDb;
  #checkpoint: Checkpoint;
  readonly #logs: readonly AppendLog[];
  readonly #writer: BatchWriter;
  readonly #known: Set<string>;
  readonly #evidence: EvidenceNotes;
  /**
   * Cached, not read again: closing a second handle on a database would drop the locks that SQLite holds on it for this
   * process.
   */
  #published: boolean;
  #closed = false;

  constructor(
    readonly projection: Projection,
    readonly context: TargetsContext,
    parts: LiveParts,
  ) {
    this.#db = parts.db;
    this.#logs = parts.logs;
    this.#published = parts.published;
    this.#checkpoint = parts.stored.checkpoint;
    this.#known = new Set(context.kit.filesOf(projection.name));
    this.#evidence = context.evidenceOf(projection.name);
    this.#writer = new BatchWriter({
      projection,
      name: projection.name,
      logs: parts.logs,
      place: (path) => path,
      under: context.under,
      onKept: (files) => {
        for (const name of this.#compared(files)) this.#note(name);
      },
      onFile: (path) => this.#note(context.under(path)),
      onStep: context.onStep,
      syncEach: true,
    });
  }

  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  commit(run: ProjectionRun, checkpoint: Checkpoint, files: readonly FileText[]): void {
    this.#published = false;
    onDisk(() => {
      this.#writer.commit(this.#db, run, checkpoint, files);
    }, this.#db.path);
    this.#checkpoint = checkpoint;
    if (this.#logIsLong()) this.publish();
  }

  shows(files: readonly FileText[]): boolean {
    return this.#writer.shows(files);
  }

  refuse(refused: RefusedEvent, checkpoint: Checkpoint): void {
    this.#published = false;
    onDisk(() => {
      this.#writer.refuse(this.#db, refused, checkpoint);
    }, this.#db.path);
    this.#checkpoint = checkpoint;
  }

  refusals(): Refusals {
    return onDisk(() => this.#db.refusals(this.projection.name));
  }

  /** A reader that stays keeps SQLite from starting the log over: only a new file ends that log. */
  #logIsLong(): boolean {
    const path = this.projection.databasePath;
    if (path === null) return false;
    return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > this.context.longestLog;
  }

  /** Without anything new it writes nothing, not even to its own database. */
  keep(files: readonly KeptFile[]): void {
    onDisk(() => {
      const found = this.#compared(files).filter((name) => !this.#known.has(name));
      if (found.length === 0) return;
      this.context.kit.db.transaction(() => {
        for (const name of found) this.#note(name);
      });
    });
  }

  differences(): readonly string[] {
    return this.#evidence.sentences();
  }

  /** Compares evidence with what is on disk, or writes it; the names of the files that are there now. */
  #compared(files: readonly KeptFile[]): readonly string[] {
    const there: string[] = [];
    for (const [path, ofPath] of byPath(files)) {
      const { exists, difference } = keptOrWritten(ofPath);
      const name = this.context.under(path);
      this.#evidence.note(name, difference);
      if (exists) there.push(name);
      this.context.onStep('after a file');
    }
    return there;
  }

  settle(): void {
    const path = this.projection.databasePath;
    if (path === null || this.#published) return;
    onDisk(() => {
      this.#db.settleLog();
    }, path);
  }

  publish(): void {
    const path = this.projection.databasePath;
    if (path === null) return;
    if (this.#published) {
      this.#release(path);
      return;
    }
    const { kit, under, onStep, finishSwap } = this.context;
    onDisk(() => {
      writePublished(this.#db, path + PUBLISH);
      onStep('after the published file');
      const moves = [{ from: under(path + PUBLISH), to: under(path) }];
      kit.plan(new Map([[this.projection.name, { moves, removes: [] }]]));
      this.#db.close();
      try {
        finishSwap(this.projection.name);
      } finally {
        this.#db = new CheckpointDb(path);
      }
    }, path);
    this.#published = true;
  }

  /** Nothing of this process has the file open until its next use: its bytes may be compared, its log is gone. */
  #release(path: string): void {
    this.#db.close();
    this.#db = new CheckpointDb(path);
  }

  reading<T>(work: () => T): T {
    return work();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const log of this.#logs) log.close();
    if (this.projection.databasePath !== null) this.#db.close();
  }

  /** Recorded before it is written: a recorded file that is missing is rebuilt. */
  #note(name: string): void {
    if (this.#known.has(name)) return;
    this.context.kit.addFile(this.projection.name, name);
    this.#known.add(name);
  }
}
