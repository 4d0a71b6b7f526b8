import { chmodSync, closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import type { CheckpointDb } from './checkpoint-db.js';

/** SQLite file format: counters of changes to a file, independent of its content. Big-endian, four bytes. */
const CHANGE_COUNTER = 24;
const SCHEMA_COOKIE = 40;
const VERSION_VALID_FOR = 92;
/** Write and read version, one byte each: 2 is WAL. To switch the mode of a file in use, every reader would have to go. */
const FILE_VERSIONS = 18;
/** `PRAGMA user_version`: 1 while the file is in published form, 0 from the first write on. */
const USER_VERSION = 60;

const ONE = Buffer.from([0, 0, 0, 1]);
const WAL = Buffer.from([2, 2]);

/**
 * Writes the content of `db` to `path` so that equal content is equal bytes for any number of transactions: compacted
 * by VACUUM INTO (pages in one order, no free ones, an empty log), with the change counters set to one. The copy is in
 * WAL mode from the start.
 */
export function writePublished(db: CheckpointDb, path: string): void {
  removeDatabase(path);
  db.vacuumInto(path);
  chmodSync(path, 0o600);
  const handle = openSync(path, 'r+');
  try {
    for (const offset of [CHANGE_COUNTER, SCHEMA_COOKIE, VERSION_VALID_FOR, USER_VERSION])
      writeSync(handle, ONE, 0, 4, offset);
    writeSync(handle, WAL, 0, 2, FILE_VERSIONS);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function removeDatabase(path: string): void {
  rmSync(path, { force: true });
  removeBeside(path);
}

/** Deletes SQLite's files next to a database, before another file takes its name. */
export function removeBeside(path: string): void {
  for (const name of [`${path}-wal`, `${path}-shm`, `${path}-journal`]) rmSync(name, { force: true });
}
