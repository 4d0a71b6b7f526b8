import type { Position } from '../../events/event.js';
import type { RefusedEvent, SqlValue } from '../../../projections/kit/projection.js';
import type { ProjectionStop } from '../../ports/projection-targets.js';
import { openToRead } from '../files/open-to-read.js';
import { SHADOW } from './context.js';
import { FIRST_REFUSALS, refusalOf } from './checkpoint-db.js';

/** The progress of a projection, as another process sees it. */
export interface SeenCheckpoint {
  /** The last event that it has; null before the first. */
  readonly position: Position | null;
  /** Events read so far. */
  readonly events: number;
}

/** A checkpoint with the projection that it belongs to. */
export interface NamedCheckpoint extends SeenCheckpoint {
  readonly name: string;
}

const REFUSALS = `SELECT * FROM projection_refusals GROUP BY position ORDER BY position LIMIT ${FIRST_REFUSALS}`;

interface Row {
  readonly name: string;
  readonly position: string | null;
  readonly events: number;
}

/**
 * Reads the checkpoint of `name` in the database at `path` without disturbing its writer. Undefined when it cannot be
 * read: not built yet, or being swapped; ask again. Opened for each call, because a swap replaces the file. Not for the
 * process that writes the file: closing a second handle would drop its locks.
 */
export function readCheckpoint(path: string, name: string): SeenCheckpoint | undefined {
  const found = readCheckpoints(path).find((one) => one.name === name);
  return found === undefined ? undefined : { position: found.position, events: found.events };
}

/** The first refused events of each projection in the database at `path`; none when nothing can be read. */
export function readRefusals(path: string): readonly RefusedEvent[] {
  let db: ReturnType<typeof openToRead> | undefined;
  try {
    db = openToRead(path);
    return db.prepare<[], Readonly<Record<string, SqlValue>>>(REFUSALS).all().map(refusalOf);
  } catch {
    return [];
  } finally {
    db?.close();
  }
}

/** The projections that stopped, as the database of the kit at `path` has them; none when nothing can be read. */
export function readStops(path: string): readonly (ProjectionStop & { readonly name: string })[] {
  let db: ReturnType<typeof openToRead> | undefined;
  try {
    db = openToRead(path);
    return db
      .prepare<[], { name: string; position: Position; type: string; reason: string }>('SELECT * FROM projection_stop')
      .all();
  } catch {
    return [];
  } finally {
    db?.close();
  }
}

/** The projections whose checkpoints are in the databases at `paths`, in order; shadows of a rebuild are left out. */
export function projectionNames(paths: readonly string[]): readonly string[] {
  const names = paths.flatMap(readCheckpoints).map(({ name }) => name);
  return [...new Set(names.filter((name) => !name.endsWith(SHADOW)))].sort();
}

/** Every checkpoint in the database at `path`, as `readCheckpoint` reads one; none when nothing can be read. */
export function readCheckpoints(path: string): readonly NamedCheckpoint[] {
  let db: ReturnType<typeof openToRead> | undefined;
  try {
    db = openToRead(path);
    return db
      .prepare<[], Row>('SELECT name, position, events FROM projection_checkpoint ORDER BY name')
      .all()
      .map(({ name, position, events }) => ({ name, position: position as Position | null, events }));
  } catch {
    return [];
  } finally {
    db?.close();
  }
}
