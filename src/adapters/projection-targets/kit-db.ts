import type { Position } from '../../events/event.js';
import type { ProjectionStop } from '../../ports/projection-targets.js';
import { CHECKPOINT_SQL, CheckpointDb, type StoredCheckpoint } from './checkpoint-db.js';
import { removeDatabase } from './published.js';

/** Renames that must happen together, by names under the home. Each is done once its `from` is gone. */
export interface SwapPlan {
  readonly moves: readonly { readonly from: string; readonly to: string }[];
  readonly removes: readonly string[];
}

const SCHEMA = `${CHECKPOINT_SQL}
CREATE TABLE IF NOT EXISTS projection_file (name TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (name, path)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS projection_stop (
  name TEXT PRIMARY KEY, position TEXT NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS projection_swap (name TEXT PRIMARY KEY, plan TEXT NOT NULL) STRICT, WITHOUT ROWID;`;

/** Whether SQLite reports a file as damaged or not a database. */
export function isDamage(error: unknown): boolean {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === 'string' && /^SQLITE_(NOTADB|CORRUPT)/.test(code);
}

/**
 * The kit's own records: checkpoints of projections without a database, their files, stopped projections, and swaps in
 * progress. Disposable (F28): damaged or missing, everything is rebuilt from the journal.
 */
export class KitDb {
  readonly db: CheckpointDb;

  constructor(path: string) {
    this.db = openOrReplace(path);
  }

  get(name: string): StoredCheckpoint | undefined {
    return this.db.get(name);
  }

  filesOf(name: string): readonly string[] {
    const rows = this.db.statement('SELECT path FROM projection_file WHERE name = ? ORDER BY path').all(name);
    return rows.map((row) => String(row['path']));
  }

  addFile(name: string, path: string): void {
    this.db.statement('INSERT OR IGNORE INTO projection_file (name, path) VALUES (?, ?)').run(name, path);
  }

  /** Records swaps, all in one step: from now on a crash can only delay them. */
  plan(plans: ReadonlyMap<string, SwapPlan>, also?: () => void): void {
    this.db.durableTransaction(() => {
      for (const [name, plan] of plans) {
        this.db
          .statement('INSERT INTO projection_swap VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET plan = excluded.plan')
          .run(name, JSON.stringify(plan));
      }
      also?.();
    });
  }

  planned(): ReadonlyMap<string, SwapPlan> {
    const rows = this.db.statement('SELECT name, plan FROM projection_swap ORDER BY name').all();
    return new Map(rows.map((row) => [String(row['name']), JSON.parse(String(row['plan'])) as SwapPlan]));
  }

  planDone(name: string): void {
    this.db.transaction(() => this.db.statement('DELETE FROM projection_swap WHERE name = ?').run(name));
  }

  replaceFiles(name: string, files: readonly string[]): void {
    this.db.statement('DELETE FROM projection_file WHERE name = ?').run(name);
    for (const file of files) this.addFile(name, file);
  }

  forget(name: string): void {
    this.db.statement('DELETE FROM projection_checkpoint WHERE name = ?').run(name);
    this.db.statement('DELETE FROM projection_file WHERE name = ?').run(name);
    this.db.moveRefusals(name);
  }

  setStop(name: string, stop: ProjectionStop | null): void {
    this.db.transaction(() => {
      this.db.statement('DELETE FROM projection_stop WHERE name = ?').run(name);
      if (stop === null) return;
      this.db
        .statement('INSERT INTO projection_stop VALUES (?, ?, ?, ?)')
        .run(name, stop.position, stop.type, stop.reason);
    });
  }

  stops(): ReadonlyMap<string, ProjectionStop> {
    const rows = this.db.statement('SELECT name, position, type, reason FROM projection_stop ORDER BY name').all();
    return new Map(
      rows.map((row) => [
        String(row['name']),
        { position: String(row['position']) as Position, type: String(row['type']), reason: String(row['reason']) },
      ]),
    );
  }
}

function openOrReplace(path: string): CheckpointDb {
  const db = new CheckpointDb(path);
  try {
    db.prepareToWrite();
    db.exec(SCHEMA);
    return db;
  } catch (error) {
    db.close();
    if (!isDamage(error)) throw error;
    removeDatabase(path);
    const fresh = new CheckpointDb(path);
    fresh.prepareToWrite();
    fresh.exec(SCHEMA);
    return fresh;
  }
}
