import type Database from 'better-sqlite3';
import { statSync } from 'node:fs';

interface Held {
  readonly db: Database.Database;
  /** Device and inode. */
  readonly identity: string;
}

/** The journal files that this process has open in SQLite; closed ones are dropped with the next that is noted. */
let held: readonly Held[] = [];

/** Notes that a handle has the file at a path open, and returns the handle. */
export function noteHeld(db: Database.Database, path: string): Database.Database {
  const identity = identityOf(path);
  held = [...held.filter((other) => other.db.open), ...(identity === undefined ? [] : [{ db, identity }])];
  return db;
}

/**
 * Whether this process has the file at a path open in SQLite, by whatever name. Such a file must not be opened and closed
 * past SQLite: the system then drops all locks of the process on it, and another program may take it for unused.
 */
export function isHeldHere(path: string): boolean {
  const identity = identityOf(path);
  return held.some((one) => one.db.open && one.identity === identity);
}

/** Device and inode of a file; undefined when there is no file. */
export function identityOf(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}
