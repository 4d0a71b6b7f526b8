import Database from 'better-sqlite3';
import { chmodSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import { isHeldHere, noteHeld } from './held-files.js';
import { APPLICATION_ID, FORMAT, createSchema } from './schema.js';
import { corrupt, fromSqlite, isBusy } from './sqlite-errors.js';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
/** Larger than SQLite's default because an event with its hash is near 1 kB: fewer pages to checksum and to write. */
export const PAGE_BYTES = 8192;
const CACHE_KIB = 16_384;
/** Two processes may create the file at once; one waits for the other. */
const OPEN_WAIT_MS = 500;
const OPEN_ATTEMPTS = 10;

function foreign(path: string): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_FOREIGN',
    message: `${path} is not a TradeBot journal`,
    remedy: 'Pass the path of a journal, or move this file away.',
    details: { path },
  });
}

function newer(path: string, format: number): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_NEWER',
    message: `the journal ${path} has format ${format}; this version reads formats up to ${FORMAT}`,
    remedy: 'Use the version of TradeBot that wrote it, or a later one.',
    details: { path, format, known: FORMAT },
  });
}

/**
 * Creates the file if necessary, readable only by its owner from the start, and checks its first bytes: SQLite takes a file
 * of a few bytes for an empty one. Done already for a file that this process has open.
 */
function prepareFile(path: string): void {
  if (isHeldHere(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openSync(path, 'a+', 0o600);
  try {
    const { size } = fstatSync(fd);
    if (size === 0) {
      const wal = `${path}-wal`;
      if (existsSync(wal) && statSync(wal).size > 0) throw corrupt(path, 'it is empty but its write-ahead log is not');
      return;
    }
    checkHeader(path, fd);
  } finally {
    closeSync(fd);
  }
}

function checkFile(path: string): void {
  const fd = openSync(path, 'r');
  try {
    checkHeader(path, fd);
  } finally {
    closeSync(fd);
  }
}

function checkHeader(path: string, fd: number): void {
  const head = Buffer.alloc(HEADER_BYTES);
  const read = readSync(fd, head, 0, HEADER_BYTES, 0);
  const magic = head.toString('latin1', 0, Math.min(read, MAGIC.length));
  if (!MAGIC.startsWith(magic)) throw foreign(path);
  if (read < HEADER_BYTES) throw corrupt(path, `it ends after ${read} bytes`);
}

/** Checks whose file it is before anything in it changes; true when it is still empty. */
function isEmpty(db: Database.Database, path: string): boolean {
  const format = Number(db.pragma('user_version', { simple: true }));
  if (db.pragma('application_id', { simple: true }) === APPLICATION_ID) {
    if (format > FORMAT) throw newer(path, format);
    return false;
  }
  if (format !== 0 || db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() !== 0) throw foreign(path);
  return true;
}

/** SQLite detects a truncated file when it reads the head and the last row of each table. */
function openOnce(path: string): Database.Database {
  prepareFile(path);
  const db = new Database(path, { timeout: OPEN_WAIT_MS });
  try {
    const fresh = isEmpty(db, path);
    if (fresh) db.pragma(`page_size = ${PAGE_BYTES}`);
    configure(db);
    if (fresh) {
      db.transaction(() => {
        if (isEmpty(db, path)) createSchema(db);
      }).immediate();
    }
    readEnds(db);
    chmodSync(path, 0o600);
    return noteHeld(db, path);
  } catch (error) {
    db.close();
    throw error;
  }
}

function configure(db: Database.Database): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('trusted_schema = OFF');
  // Other programs may rely on them; the writer references only rows that it has looked up or created.
  db.pragma('foreign_keys = OFF');
  db.pragma(`cache_size = -${CACHE_KIB}`);
}

function readEnds(db: Database.Database): void {
  for (const table of ['streams', 'types', 'events']) {
    db.prepare(`SELECT * FROM ${table} ORDER BY 1 DESC LIMIT 1`).get();
  }
}

/**
 * Opens or creates the journal file: WAL, synchronous=FULL, mode 0600 in a folder of mode 0700. Throws JournalError
 * `JOURNAL_FOREIGN`, `JOURNAL_NEWER`, `JOURNAL_CORRUPT` or `JOURNAL_STALLED` (stop), `JOURNAL_BUSY` (retry).
 */
export function openFile(path: string, lockWaitMs: number): Database.Database {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const db = openOnce(path);
      db.pragma(`busy_timeout = ${lockWaitMs}`);
      return db;
    } catch (error) {
      if (!isBusy(error) || attempt === OPEN_ATTEMPTS) throw asOpenError(path, error);
    }
  }
}

/**
 * Opens the file once more while this process still has it open; never creates one. Throws the errors of `openFile`; one
 * attempt, which waits for nobody.
 */
export function reopenFile(path: string, lockWaitMs: number): Database.Database {
  try {
    const db = new Database(path, { fileMustExist: true, timeout: lockWaitMs });
    try {
      if (isEmpty(db, path)) throw foreign(path);
      configure(db);
      readEnds(db);
      return noteHeld(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw asOpenError(path, error);
  }
}

/** Opens an existing journal file without changing a byte of it. Throws the same errors as `openFile`. */
export function openForReading(path: string): Database.Database {
  try {
    if (!isHeldHere(path)) checkFile(path);
    const db = new Database(path, { readonly: true, fileMustExist: true });
    try {
      if (isEmpty(db, path)) throw foreign(path);
      return noteHeld(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw asOpenError(path, error);
  }
}

function asOpenError(path: string, error: unknown): unknown {
  if (typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error) {
    return journalError('stop', {
      code: 'JOURNAL_STALLED',
      message: `the journal ${path} cannot be opened: ${String(error.code)} at ${String(error.syscall)}`,
      remedy: 'Check that the folder exists, is writable and belongs to you.',
      details: { path },
      cause: error,
    });
  }
  return fromSqlite(path, error);
}
