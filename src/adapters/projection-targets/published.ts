import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { CheckpointDb } from './checkpoint-db.js';

/** SQLite file format: counters of changes to a file, independent of its content. Big-endian, four bytes. */
const CHANGE_COUNTER = 24;
const SCHEMA_COOKIE = 40;
const VERSION_VALID_FOR = 92;
/** Byte 18, write version: 1 is the rollback journal, 2 is WAL. */
const WRITE_VERSION = 18;

const ONE = Buffer.from([0, 0, 0, 1]);

/**
 * Writes the content of `db` to `path` so that equal content is equal bytes for any number of transactions: compacted
 * by VACUUM INTO (pages in one order, no free ones, no WAL), with the change counters set to one.
 */
export function writePublished(db: CheckpointDb, path: string): void {
  removeDatabase(path);
  db.vacuumInto(path);
  chmodSync(path, 0o600);
  const handle = openSync(path, 'r+');
  try {
    for (const offset of [CHANGE_COUNTER, SCHEMA_COOKIE, VERSION_VALID_FOR]) writeSync(handle, ONE, 0, 4, offset);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Whether the file is in the form of `writePublished`: every writer switches it to WAL first. */
export function isPublished(path: string): boolean {
  if (!existsSync(path) || existsSync(`${path}-wal`)) return false;
  const handle = openSync(path, 'r');
  try {
    const byte = Buffer.alloc(1);
    return readSync(handle, byte, 0, 1, WRITE_VERSION) === 1 && byte[0] === 1;
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
