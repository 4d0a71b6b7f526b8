import Database from 'better-sqlite3';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import type { Snapshot, Snapshots } from '../../ports/snapshots.js';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS snapshots (
  fold TEXT NOT NULL,
  position TEXT NOT NULL,
  hash TEXT NOT NULL,
  events INTEGER NOT NULL,
  recorded_at TEXT NOT NULL,
  latest_at TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (fold, position)
) STRICT, WITHOUT ROWID;`;

const COLUMNS =
  'position, hash, events, recorded_at AS recordedAt, latest_at AS latestAt, state FROM snapshots WHERE fold = ?';

export interface SqliteSnapshotsOptions {
  readonly path: string;
  /** The fold and its version: snapshots of other versions stay until the first `keep`, which deletes them. */
  readonly fold: string;
}

/**
 * Snapshots in a small database of their own. A reader that cannot open, read or write it works without: a fault here
 * must never prevent an answer.
 */
export class SqliteSnapshots implements Snapshots {
  #db: Database.Database | undefined;
  readonly #path: string;
  readonly #fold: string;

  /** The file is created with the first snapshot: a small journal needs none. */
  constructor({ path, fold }: SqliteSnapshotsOptions) {
    this.#path = path;
    this.#fold = fold;
    if (existsSync(path)) this.#db = opened(path);
  }

  newest(upTo: Parameters<Snapshots['newest']>[0]): Snapshot | undefined {
    const [where, bound] =
      'position' in upTo ? (['position <= ?', upTo.position] as const) : (['latest_at <= ?', upTo.time] as const);
    return attempted(() =>
      this.#db
        ?.prepare<string[], Snapshot>(`SELECT ${COLUMNS} AND ${where} ORDER BY position DESC LIMIT 1`)
        .get(this.#fold, bound),
    );
  }

  keep({ position, hash, events, recordedAt, latestAt, state }: Snapshot): void {
    this.#db ??= opened(this.#path) ?? recreated(this.#path);
    attempted(() => {
      this.#db?.prepare('DELETE FROM snapshots WHERE fold <> ?').run(this.#fold);
      this.#db
        ?.prepare('INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?)')
        .run(this.#fold, position, hash, events, recordedAt, latestAt, state);
    });
  }

  forget(): void {
    attempted(() => this.#db?.exec('DELETE FROM snapshots'));
  }

  close(): void {
    this.#db?.close();
  }
}

function opened(path: string): Database.Database | undefined {
  return attempted(() => {
    const db = new Database(path, { timeout: 1_000 });
    try {
      db.exec(SCHEMA);
      db.prepare('SELECT * FROM snapshots LIMIT 1').all();
      chmodSync(path, 0o600);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Replaces a foreign or damaged file by a new one. */
function recreated(path: string): Database.Database | undefined {
  attempted(() => {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${end}`, { force: true });
  });
  return opened(path);
}

function attempted<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
