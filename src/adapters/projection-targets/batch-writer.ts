import { readFileSync } from 'node:fs';
import { covers } from '../../../projections/kit/claims.js';
import type {
  Checkpoint,
  FileText,
  KeptFile,
  LogLine,
  Projection,
  ProjectionRun,
  RefusedEvent,
} from '../../../projections/kit/projection.js';
import { dataError, invariant } from '../../kernel/errors.js';
import { PowerCut, ROWS_REFUSED } from '../../ports/projection-targets.js';
import { writeFileAtomic } from '../files/atomic-write.js';
import { systemErrorCode } from '../files/system-error.js';
import type { AppendLog } from './append-log.js';
import type { CheckpointDb, LogLengths } from './checkpoint-db.js';

export interface WriterParts {
  readonly projection: Projection;
  /** Name of the checkpoint. */
  readonly name: string;
  readonly logs: readonly AppendLog[];
  /** The location of a declared path: itself, or its shadow. */
  readonly place: (path: string) => string;
  /** Name under the home. */
  readonly under: (path: string) => string;
  /** Called for the evidence of a batch. */
  readonly onKept: (files: readonly KeptFile[]) => void;
  /** Called before each file is written. */
  readonly onFile: (path: string) => void;
  readonly onStep: (step: string) => void;
  /** False for a shadow, which is made durable once at its end. */
  readonly syncEach: boolean;
}

/**
 * Writes a batch: rows, then lines, then files; all of it counts with the checkpoint's commit. After a crash before
 * that commit, SQLite undoes the rows, lines are cut off, and files are written again.
 */
export class BatchWriter {
  readonly #logs: ReadonlyMap<string, AppendLog>;

  constructor(readonly parts: WriterParts) {
    this.#logs = new Map(parts.logs.map((log) => [log.file.path, log]));
  }

  commit(db: CheckpointDb, run: ProjectionRun, checkpoint: Checkpoint, files: readonly FileText[]): void {
    try {
      db.transaction(() => {
        this.#write(db, run, files);
        db.put(this.parts.name, { checkpoint, lengths: this.lengths() });
        this.parts.onStep('before the commit');
      });
    } catch (error) {
      if (!(error instanceof PowerCut)) for (const log of this.parts.logs) log.rollback();
      throw error;
    }
    for (const log of this.parts.logs) log.settle();
    this.parts.onStep('after the commit');
  }

  /** Writes nothing but the refusal and the checkpoint. */
  refuse(db: CheckpointDb, refused: RefusedEvent, checkpoint: Checkpoint): void {
    db.transaction(() => {
      db.putRefusal(this.parts.name, refused);
      db.put(this.parts.name, { checkpoint, lengths: this.lengths() });
      this.parts.onStep('before the commit');
    });
    this.parts.onStep('after the commit');
  }

  shows(files: readonly FileText[]): boolean {
    return files.every(({ path, text }) => {
      try {
        return readFileSync(this.parts.place(path), 'utf8') === text;
      } catch {
        return false;
      }
    });
  }

  lengths(): LogLengths {
    return Object.fromEntries(this.parts.logs.map((log) => [this.parts.under(log.file.path), log.length]));
  }

  #write(db: CheckpointDb, run: ProjectionRun, files: readonly FileText[]): void {
    const { projection, onStep } = this.parts;
    if (projection.databasePath !== null) writeRows(run, db);
    onStep('after the rows');
    this.#appendLines(run.logLines());
    const kept = run.keptFiles();
    for (const file of kept) this.#requireClaim(file.path);
    if (kept.length > 0) this.parts.onKept(kept);
    for (const file of files) {
      this.#requireClaim(file.path);
      this.parts.onFile(file.path);
      writeFileAtomic(this.parts.place(file.path), file.text);
      onStep('after a file');
    }
  }

  #requireClaim(path: string): void {
    const { projection, under } = this.parts;
    invariant(
      projection.claims.some((claim) => covers(claim, path)),
      'FILE_NOT_CLAIMED',
      `${projection.name} would write ${under(path)}, which it does not declare`,
    );
  }

  #appendLines(lines: readonly LogLine[]): void {
    const byPath = new Map<string, string[]>();
    for (const { path, text } of lines) {
      const rows = byPath.get(path);
      if (rows === undefined) byPath.set(path, [text]);
      else rows.push(text);
    }
    for (const [path, rows] of byPath) {
      const log = this.#logs.get(path);
      invariant(
        log !== undefined,
        'FILE_NOT_CLAIMED',
        `${this.parts.projection.name} has a line for a log it does not declare`,
      );
      log.append(rows);
      this.parts.onStep('after lines');
      if (this.parts.syncEach) log.sync();
    }
  }
}

/** Throws ROWS_REFUSED when a constraint or a guard of the database refuses them. */
function writeRows(run: ProjectionRun, db: CheckpointDb): void {
  try {
    run.writeRows(db);
  } catch (cause) {
    if (systemErrorCode(cause)?.startsWith('SQLITE_CONSTRAINT') !== true) throw cause;
    throw dataError({
      code: ROWS_REFUSED,
      message: String((cause as { readonly message?: unknown }).message),
      remedy: 'See the event at this position; book what is right with tradebot adjust.',
      cause,
    });
  }
}
