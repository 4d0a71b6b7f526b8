import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import {
  NO_REFUSALS,
  type Checkpoint,
  type ProjectionTx,
  type RefusedEvent,
  type Refusals,
  type SqlStatement,
  type SqlValue,
} from '../../../projections/kit/projection.js';
import type { Position } from '../../events/event.js';
import type { Uuid } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';

/** Lengths of the logs by name under the home, so that a file moved with its home stays the same file. */
export type LogLengths = Readonly<Record<string, number>>;

export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly lengths: LogLengths;
}

export const CHECKPOINT_SQL = `CREATE TABLE IF NOT EXISTS projection_checkpoint (
  name TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  position TEXT,
  events INTEGER NOT NULL,
  recorded_at TEXT,
  state TEXT NOT NULL,
  log_lengths TEXT NOT NULL
) STRICT, WITHOUT ROWID;`;

const PUT = `INSERT INTO projection_checkpoint (name, version, position, events, recorded_at, state, log_lengths)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position, events = excluded.events,
  recorded_at = excluded.recorded_at, state = excluded.state, log_lengths = excluded.log_lengths`;

/** Made with the first refused event, so that a database without any is the one of earlier versions, byte for byte. */
const REFUSALS_SQL = `CREATE TABLE IF NOT EXISTS projection_refusals (
  name TEXT NOT NULL,
  position TEXT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (name, position)
) STRICT, WITHOUT ROWID;`;

/** The refused events that a reader gets with their reasons. */
export const FIRST_REFUSALS = 20;

interface Row {
  readonly version: number;
  readonly position: string | null;
  readonly events: number;
  readonly recorded_at: string | null;
  readonly state: string;
  readonly log_lengths: string;
}

/** One try; who may wait longer tries again (`OUTPUT_LOCKED`). */
const BUSY_MS = 1_000;
/** The log is cut back to this size when it starts over, bytes. */
const LOG_BYTES = 4 << 20;

/**
 * A SQLite file with checkpoints. Not synced at each commit: rows and checkpoint are in one transaction, so after a
 * power cut both are older together and the journal restores them.
 */
export class CheckpointDb implements ProjectionTx {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, SqlStatement>();
  #writing = false;
  /** Whether the file says that it has been written to since it was published. */
  #marked = false;

  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const isNew = !existsSync(path);
    this.#db = new Database(path, { timeout: BUSY_MS });
    if (isNew) chmodSync(path, 0o600);
  }

  /** Whether the file keeps its changes in a log next to it, as every file of `writePublished` does. */
  usesLog(): boolean {
    return this.#db.pragma('journal_mode', { simple: true }) === 'wal';
  }

  /** Whether nothing was written to the file since `writePublished` made it. */
  isPublished(): boolean {
    return this.#db.pragma('user_version', { simple: true }) === 1;
  }

  /** Once before the first write: a published file without writes stays the same, byte for byte. */
  prepareToWrite(): void {
    if (this.#writing) return;
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma(`journal_size_limit = ${LOG_BYTES}`);
    this.#db.pragma('synchronous = NORMAL');
    this.#db.pragma('foreign_keys = ON');
    this.#writing = true;
  }

  /** For a file that is deleted on any failure, and copied and synced as a whole when it is done: no log, no sync. */
  prepareToThrowAway(): void {
    this.#db.pragma('journal_mode = MEMORY');
    this.#db.pragma('synchronous = OFF');
    this.#db.pragma('foreign_keys = ON');
    this.#writing = true;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  statement(sql: string): SqlStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#db.prepare<SqlValue[], Record<string, SqlValue>>(sql);
    this.#statements.set(sql, made);
    return made;
  }

  /** All of `work` or nothing, durable with all earlier writes when this returns. */
  durableTransaction(work: () => void): void {
    this.prepareToWrite();
    this.#db.pragma('synchronous = FULL');
    try {
      this.transaction(work);
    } finally {
      this.#db.pragma('synchronous = NORMAL');
    }
  }

  /** All of `work` or nothing. */
  transaction(work: () => void): void {
    this.prepareToWrite();
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      if (!this.#marked) this.#db.pragma('user_version = 0');
      work();
      this.#db.exec('COMMIT');
      this.#marked = true;
    } catch (error) {
      // A full disk may have ended the transaction already.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  get(name: string): StoredCheckpoint | undefined {
    const here = this.#db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'projection_checkpoint'`).get();
    if (here === undefined) return undefined;
    const row = this.#db.prepare<[string], Row>('SELECT * FROM projection_checkpoint WHERE name = ?').get(name);
    if (row === undefined) return undefined;
    return {
      checkpoint: {
        version: row.version,
        position: row.position as Position | null,
        events: row.events,
        recordedAt: row.recorded_at as UtcText | null,
        state: row.state,
      },
      lengths: JSON.parse(row.log_lengths) as LogLengths,
    };
  }

  put(name: string, { checkpoint, lengths }: StoredCheckpoint): void {
    const { version, position, events, recordedAt, state } = checkpoint;
    this.statement(PUT).run(name, version, position, events, recordedAt, state, JSON.stringify(lengths));
  }

  /** Within a transaction; a second refusal at a position is the first one. */
  putRefusal(name: string, { position, eventId, type, code, reason }: RefusedEvent): void {
    this.exec(REFUSALS_SQL);
    this.statement('INSERT OR IGNORE INTO projection_refusals VALUES (?, ?, ?, ?, ?, ?)').run(
      ...[name, position, eventId, type, code, reason],
    );
  }

  refusals(name: string): Refusals {
    if (!this.#hasRefusals()) return NO_REFUSALS;
    const [counted] = this.statement('SELECT count(*) AS n FROM projection_refusals WHERE name = ?').all(name);
    const rows = this.statement(
      `SELECT * FROM projection_refusals WHERE name = ? ORDER BY position LIMIT ${FIRST_REFUSALS}`,
    ).all(name);
    return { count: Number(counted?.['n'] ?? 0), first: rows.map(refusalOf) };
  }

  /** Within a transaction: the refusals of `from` are those of `to` from now on; without `to` they are gone. */
  moveRefusals(from: string, to?: string): void {
    if (!this.#hasRefusals()) return;
    if (to !== undefined) {
      this.statement('DELETE FROM projection_refusals WHERE name = ?').run(to);
      this.statement('UPDATE projection_refusals SET name = ? WHERE name = ?').run(to, from);
    } else this.statement('DELETE FROM projection_refusals WHERE name = ?').run(from);
  }

  #hasRefusals(): boolean {
    return this.#db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'projection_refusals'").get() !== undefined;
  }

  /** Checkpoints the log into the file, as far as no reader needs it; tries for as long as the lock wait. */
  settleLog(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
  }

  vacuumInto(path: string): void {
    this.#db.prepare('VACUUM INTO ?').run(path);
  }

  close(): void {
    this.#db.close();
  }
}

/** A row of `projection_refusals`. */
export function refusalOf(row: Readonly<Record<string, SqlValue>>): RefusedEvent {
  return {
    position: String(row['position']) as Position,
    eventId: String(row['event_id']) as Uuid,
    type: String(row['type']),
    code: String(row['code']),
    reason: String(row['reason']),
  };
}
