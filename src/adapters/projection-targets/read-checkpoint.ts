import Database from 'better-sqlite3';
import type { Position } from '../../events/event.js';

/** How far a projection has come, as another process sees it. */
export interface SeenCheckpoint {
  /** The last event that it has; null before the first. */
  readonly position: Position | null;
  /** Events read so far. */
  readonly events: number;
}

interface Row {
  readonly position: string | null;
  readonly events: number;
}

/**
 * Reads the checkpoint of `name` in the database at `path` without disturbing its writer. Undefined when nothing can be
 * read: not built yet, or just being swapped; ask again. Opened anew for each question, since a swap puts another file
 * in its place. Not for the process that writes the file: closing a second handle would drop its locks.
 */
export function readCheckpoint(path: string, name: string): SeenCheckpoint | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    const row = db
      .prepare<[string], Row>('SELECT position, events FROM projection_checkpoint WHERE name = ?')
      .get(name);
    return row === undefined ? undefined : { position: row.position as Position | null, events: row.events };
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}
