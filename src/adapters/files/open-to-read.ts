import Database from 'better-sqlite3';

/**
 * Opens an existing SQLite file of another process to read it. Not `readonly`: such a connection would leave the files of
 * its log behind when it closes. Throws SQLite's error; close it after use.
 */
export function openToRead(path: string, timeout = 5_000): Database.Database {
  const db = new Database(path, { fileMustExist: true, timeout });
  db.pragma('query_only = ON');
  return db;
}
