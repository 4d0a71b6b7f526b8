import Database from 'better-sqlite3';
import { closeSync, existsSync, linkSync, openSync, rmSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { OnceATurn } from '../clock/once-a-turn.js';
import { syncFolder } from '../files/atomic-write.js';
import { makeFolders } from '../files/make-folders.js';
import { causeText, systemErrorCode } from '../files/system-error.js';
import { MemoryCopy } from './memory-copy.js';
import { missingAdditions, schemaFaults } from './schema-check.js';
import { SqlConnection } from './sql-connection.js';

const HEADER_BYTES = 100;
const BUSY_MS = 5_000;

export interface StateDatabaseOptions {
  readonly path: string;
  readonly schemaSql: string;
  /** Its name in messages. */
  readonly title: string;
  /** How long to wait for another process; 5000 when left out. */
  readonly busyMs?: number;
  /** False refuses a missing file (USERS_DB_MISSING) instead of making it; true when left out. */
  readonly create?: boolean;
  /** Tables of the schema that a file of an earlier version lacks; they are added. None when left out. */
  readonly additions?: readonly string[];
}

/** Attempts to write to a disk that refused: at most one in this time. */
const RETRY_MS = 1_000;

/**
 * A database that is not a projection: it cannot be rebuilt, so it is checked before any change, and a damaged or
 * different one is refused unchanged. Completed under another name first: no process ever sees a part of it. WAL, mode
 * 0600, every commit durable; `bestEffort` alone works without the disk.
 */
export class StateDatabase {
  readonly #file: SqlConnection;
  readonly #inode: number;
  /** Another number when another connection, of whichever process, has committed. */
  readonly #othersVersion: OnceATurn<number | undefined>;
  #othersSeen: number | undefined;
  #stand = 0;
  /** In use while the disk refuses writes. */
  #copy: MemoryCopy | undefined;
  #triedAt = 0;

  constructor(readonly options: StateDatabaseOptions) {
    this.#file = new SqlConnection(opened(options));
    this.#inode = statSync(options.path).ino;
    const version = this.#file.db.prepare<[], number>('PRAGMA data_version').pluck();
    this.#othersVersion = new OnceATurn(() => this.guarded(() => version.get()));
    this.#grow();
  }

  atomically<T>(work: () => T): T {
    return this.guarded(() => {
      if (this.#copy !== undefined) this.#writeBack(this.#copy);
      try {
        return this.#file.atomically(work);
      } finally {
        this.#stand += 1;
      }
    });
  }

  /**
   * The same, and while the disk refuses writes, in a copy in memory: its changes are written to the file as soon as that
   * takes writes, and lost with this process before.
   */
  bestEffort<T>(work: () => T): T {
    this.#recover();
    if (this.#copy === undefined) {
      try {
        return this.atomically(work);
      } catch (error) {
        if (!isRefusedWrite(error)) throw error;
        this.#copy = this.guarded(() => MemoryCopy.of(this.#file.db, error));
        this.#triedAt = performance.now();
      }
    }
    const copy = this.#copy;
    return this.guarded(() => copy.change(work));
  }

  /**
   * Grows with each change of this process at once, with each change that another one has committed in the next turn of the event
   * loop, and with each call while the disk refuses writes: as long as two calls give the same number, every read in between finds the same rows.
   */
  stand(): number {
    const others = this.#othersVersion.get();
    if (others !== this.#othersSeen || this.#copy !== undefined) this.#stand += 1;
    this.#othersSeen = others;
    return this.#stand;
  }

  run(sql: string, ...params: readonly unknown[]): number {
    this.#stand += 1;
    return this.guarded(() => (this.#copy ?? this.#file).run(sql, params));
  }

  get<Row>(sql: string, ...params: readonly unknown[]): Row | undefined {
    return this.guarded(() => this.#reading().get<Row>(sql, params));
  }

  all<Row>(sql: string, ...params: readonly unknown[]): readonly Row[] {
    return this.guarded(() => this.#reading().all<Row>(sql, params));
  }

  /** False when the file was deleted or replaced while it is open here. */
  isPresent(): boolean {
    return statSync(this.options.path, { throwIfNoEntry: false })?.ino === this.#inode;
  }

  /** True when another file is at the path of the one that is open here. */
  isReplaced(): boolean {
    const there = statSync(this.options.path, { throwIfNoEntry: false });
    return there !== undefined && there.ino !== this.#inode;
  }

  close(): void {
    this.#triedAt = Number.NEGATIVE_INFINITY;
    this.#recover();
    this.#file.db.close();
  }

  /** On a full disk the tables are added in memory first, like any other change. */
  #grow(): void {
    const { schemaSql, additions = [] } = this.options;
    const missing = this.guarded(() => missingAdditions(this.#file.db, schemaSql, additions));
    if (missing.length === 0) return;
    this.bestEffort(() => {
      for (const sql of missing) this.run(sql);
    });
  }

  #reading(): SqlConnection | MemoryCopy {
    this.#recover();
    return this.#copy ?? this.#file;
  }

  /** Back to the file, if it takes writes again; never within a transaction. */
  #recover(): void {
    const copy = this.#copy;
    if (copy === undefined || copy.isChanging || performance.now() - this.#triedAt < RETRY_MS) return;
    this.#triedAt = performance.now();
    try {
      this.guarded(() => this.#writeBack(copy));
    } catch (error) {
      if (!isRefusedWrite(error)) throw error;
    }
  }

  #writeBack(copy: MemoryCopy): void {
    copy.writeTo(this.#file);
    this.#copy = undefined;
    this.#stand += 1;
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw inOurTerms(this.options, error);
    }
  }
}

/** The disk, or another process that holds the file, refused a write: nothing is wrong with the change itself. */
function isRefusedWrite(error: unknown): error is TradeBotError {
  return error instanceof TradeBotError && ['USERS_DB_UNUSABLE', 'USERS_DB_BUSY'].includes(error.code);
}

function opened(options: StateDatabaseOptions): Database.Database {
  try {
    if (!existsSync(options.path)) {
      if (options.create === false) throw missing(options);
      make(options);
    }
    inspect(options);
    const db = new Database(options.path, { timeout: options.busyMs ?? BUSY_MS, fileMustExist: true });
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    return db;
  } catch (error) {
    throw inOurTerms(options, error);
  }
}

/** A link fails when the name is taken, so of two processes one creates the file and both use it. */
function make({ path, schemaSql }: StateDatabaseOptions): void {
  const folder = dirname(path);
  makeFolders(folder, 0o700);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    closeSync(openSync(temporary, 'wx', 0o600));
    const db = new Database(temporary);
    try {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      db.exec(`BEGIN; ${schemaSql}\nCOMMIT;`);
    } finally {
      db.close();
    }
    linkSync(temporary, path);
    syncFolder(folder);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  } finally {
    for (const end of ['', '-wal', '-shm']) rmSync(`${temporary}${end}`, { force: true });
  }
}

function inspect(options: StateDatabaseOptions): void {
  checkSize(options);
  const db = new Database(options.path, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
  try {
    const [found] = db.pragma('quick_check(1)') as readonly { readonly quick_check: string }[];
    if (found?.quick_check !== 'ok') throw damaged(options, found?.quick_check ?? 'no answer');
    const faults = schemaFaults(db, options.schemaSql, options.additions);
    if (faults.length > 0) throw otherSchema(options, faults);
  } catch (error) {
    throw inOurTerms(options, error);
  } finally {
    db.close();
  }
}

/** By its size only: closing a file handle of ours would drop the locks that SQLite holds on it for this process. */
function checkSize(options: StateDatabaseOptions): void {
  const { size } = statSync(options.path);
  if (size < HEADER_BYTES) throw damaged(options, `it has ${size} bytes`);
}

function missing({ title, path }: StateDatabaseOptions): TradeBotError {
  return configError({
    code: 'USERS_DB_MISSING',
    message: `${title} (${path}) is missing`,
    remedy:
      'Put the file back from a copy. Without one, run `tradebot users repair --admin NAME`: it makes a new ' +
      'file with an admin.',
    details: { path },
  });
}

function damaged({ title, path }: StateDatabaseOptions, what: string): TradeBotError {
  return configError({
    code: 'USERS_DB_DAMAGED',
    message: `${title} (${path}) is damaged: ${what}`,
    remedy: 'Nothing was changed; move the file away and restore it from the last backup.',
    details: { path },
  });
}

function otherSchema({ title, path }: StateDatabaseOptions, faults: readonly string[]): TradeBotError {
  return configError({
    code: 'USERS_DB_SCHEMA',
    message: `${title} (${path}) does not match its schema: ${faults.join('; ')}`,
    remedy: 'Nothing was changed; use the version of TradeBot that made it, or restore the file from the last backup.',
    details: { path },
  });
}

/**
 * Failures of SQLite and of the disk as errors of the port; recognized by code, because they may come from another
 * realm.
 */
function inOurTerms(options: StateDatabaseOptions, error: unknown): unknown {
  if (error instanceof TradeBotError) return error;
  const code = systemErrorCode(error) ?? '';
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(options, code);
  if (code.startsWith('SQLITE_CONSTRAINT')) return error;
  const busy = /^SQLITE_(BUSY|LOCKED)/.test(code);
  if (!busy && !/^(SQLITE_|E[A-Z]+$)/.test(code)) return error;
  const { title, path } = options;
  return new TradeBotError('ConfigError', busy ? 'retry' : 'refuse', {
    code: busy ? 'USERS_DB_BUSY' : 'USERS_DB_UNUSABLE',
    message: `${title} (${path}) cannot be used: ${causeText(error)}`,
    remedy: busy
      ? 'Try again.'
      : 'Check the disk, and that the folder and the file belong to the user who runs TradeBot.',
    details: { path, cause: code },
    cause: error,
  });
}
