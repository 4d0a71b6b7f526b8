import Database from 'better-sqlite3';
import { chmodSync } from 'node:fs';
import { syncFile } from '../files/atomic-write.js';

/** Turns a copy of a journal into one plain durable file without a log; `check` looks at it before it is closed. */
export async function plainCopy<T>(path: string, check: (db: Database.Database) => Promise<T>): Promise<T> {
  const db = new Database(path, { fileMustExist: true });
  try {
    db.pragma('journal_mode = DELETE');
    return await check(db);
  } finally {
    db.close();
    chmodSync(path, 0o600);
    syncFile(path);
  }
}
