import Database from 'better-sqlite3';
import { chmodSync } from 'node:fs';
import { systemErrorCode } from './system-error.js';

/**
 * Takes the operating system's lock on `path`, a file that is created when missing and never written, through an
 * exclusive transaction: it ends with the process in any case. Waits at most `waitMs`, blocking; undefined when another
 * process still holds it. Throws the error of the file system or SQLite when the file is unusable.
 */
export function takeExclusive(path: string, waitMs: number): (() => void) | undefined {
  const db = new Database(path, { timeout: waitMs });
  try {
    chmodSync(path, 0o600);
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if (systemErrorCode(cause)?.startsWith('SQLITE_BUSY') === true) return undefined;
    throw cause;
  }
  let held = true;
  return () => {
    if (held) db.close();
    held = false;
  };
}
