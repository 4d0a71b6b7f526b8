import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { ClientOrderId } from '../../events/names.js';
import { brokerError, configError } from '../../kernel/errors.js';
import type { DateText } from '../../kernel/time.js';
import type { BrokerActivity } from '../../ports/account-queries.js';
import type { AccountSnapshot } from './account.js';
import {
  fromStored,
  toStored,
  type ActivityQuery,
  type Amendment,
  type SessionRecords,
  type SimDay,
  type SimRequest,
  type SimStore,
  type StoredOrder,
} from './store.js';

/** `TBSB`: a file of another program is refused. */
const APPLICATION_ID = 0x54425342;
const FORMAT = 1;

/** Exactly as in the index, so that the fills of years are not scanned. */
const IS_CASH = `json_extract(body, '$.kind') <> 'fill'`;

const SCHEMA = `
  CREATE TABLE account (id TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE days (date TEXT NOT NULL PRIMARY KEY, opening TEXT NOT NULL, closing TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE requests (seq INTEGER PRIMARY KEY, date TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE orders (client_order_id TEXT NOT NULL PRIMARY KEY, date TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE activities (id TEXT NOT NULL PRIMARY KEY, date TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX cash_activities ON activities (id, date, body) WHERE ${IS_CASH};
`;

type Row = Readonly<Record<string, string | null>>;

/**
 * One SQLite file. WAL with synchronous NORMAL: a commit is in the kernel's page cache, which survives a kill -9 of the
 * process; only a power cut could lose the last requests, and with them the simulated market itself.
 */
export class SqliteSimStore implements SimStore {
  private readonly db: Database.Database;
  /** Each text is prepared once. */
  private readonly statements = new Map<string, Database.Statement<unknown[], Row>>();

  /** @throws ConfigError SIM_STORE_FOREIGN, SIM_STORE_UNREADABLE */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.db = openFile(path);
  }

  accountId(claim: string): string {
    this.statement('INSERT INTO account (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM account)').run(claim);
    return this.row('SELECT id FROM account')?.['id'] ?? claim;
  }

  lastDay(): SimDay | undefined {
    const row = this.row('SELECT date, opening, closing FROM days ORDER BY date DESC LIMIT 1');
    if (row === undefined) return undefined;
    const closing = row['closing'] ?? null;
    return {
      date: row['date'] as DateText,
      opening: fromStored<AccountSnapshot>(row['opening'] ?? ''),
      closing: closing === null ? null : fromStored<AccountSnapshot>(closing),
    };
  }

  beginDay(date: DateText, opening: AccountSnapshot, closing: AccountSnapshot | null): void {
    this.atomically(() => {
      this.statement('DELETE FROM requests WHERE date < ?').run(date);
      this.statement('INSERT INTO days (date, opening, closing) VALUES (?, ?, ?)').run(
        date,
        toStored(opening),
        closing === null ? null : toStored(closing),
      );
    });
  }

  append(date: DateText, request: SimRequest): void {
    writing(() => {
      this.statement('INSERT INTO requests (date, at, body) VALUES (?, ?, ?)').run(date, request.at, toStored(request));
    });
  }

  requests(date: DateText): readonly SimRequest[] {
    return this.rows('SELECT body FROM requests WHERE date = ? ORDER BY at, seq', date).map((row) =>
      fromStored<SimRequest>(row['body'] ?? ''),
    );
  }

  endDay(date: DateText, records: SessionRecords): void {
    this.atomically(() => {
      this.statement('DELETE FROM orders WHERE date = ?').run(date);
      this.statement('DELETE FROM activities WHERE date = ?').run(date);
      const order = this.statement('INSERT INTO orders (client_order_id, date, body) VALUES (?, ?, ?)');
      for (const each of records.orders) order.run(each.request.clientOrderId, date, toStored(each));
      const activity = this.statement('INSERT INTO activities (id, date, body) VALUES (?, ?, ?)');
      for (const each of records.activities) activity.run(each.activityId, date, toStored(each));
      this.statement('UPDATE days SET closing = ? WHERE date = ?').run(toStored(records.closing), date);
    });
  }

  amendDay(date: DateText, { request, closing, activity }: Amendment): void {
    this.atomically(() => {
      this.append(date, request);
      this.statement('INSERT INTO activities (id, date, body) VALUES (?, ?, ?)').run(
        activity.activityId,
        date,
        toStored(activity),
      );
      this.statement('UPDATE days SET closing = ? WHERE date = ?').run(toStored(closing), date);
    });
  }

  order(clientOrderId: ClientOrderId): (StoredOrder & { readonly date: DateText }) | undefined {
    const row = this.row('SELECT date, body FROM orders WHERE client_order_id = ?', clientOrderId);
    return row === undefined
      ? undefined
      : { ...fromStored<StoredOrder>(row['body'] ?? ''), date: row['date'] as DateText };
  }

  activities({ after, limit, without, which }: ActivityQuery): readonly BrokerActivity[] {
    const cash = which === 'cash' ? `AND ${IS_CASH}` : '';
    return this.rows(
      `SELECT body FROM activities WHERE id > ? AND date <> ? ${cash} ORDER BY id LIMIT ?`,
      after ?? '',
      without ?? '',
      limit,
    ).map((row) => fromStored<BrokerActivity>(row['body'] ?? ''));
  }

  close(): void {
    this.db.close();
  }

  private row(sql: string, ...args: readonly unknown[]): Row | undefined {
    return this.statement(sql).get(...args);
  }

  private rows(sql: string, ...args: readonly unknown[]): readonly Row[] {
    return this.statement(sql).all(...args);
  }

  private statement(sql: string): Database.Statement<unknown[], Row> {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const made = this.db.prepare<unknown[], Row>(sql);
    this.statements.set(sql, made);
    return made;
  }

  private atomically(work: () => void): void {
    writing(() => {
      this.db.transaction(work).immediate();
    });
  }
}

function openFile(path: string): Database.Database {
  try {
    const db = new Database(path, { timeout: 2_000 });
    chmodSync(path, 0o600);
    const id = db.pragma('application_id', { simple: true });
    const version = db.pragma('user_version', { simple: true });
    const fresh = id === 0 && version === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
    if (!fresh && (id !== APPLICATION_ID || version !== FORMAT)) {
      db.close();
      throw configError({
        code: 'SIM_STORE_FOREIGN',
        message: 'the file of the simulated broker belongs to another program, or has another format',
        remedy: 'Move that file away, or use another home.',
      });
    }
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    if (fresh) {
      db.transaction(() => {
        db.exec(SCHEMA);
        db.pragma(`application_id = ${APPLICATION_ID}`);
        db.pragma(`user_version = ${FORMAT}`);
      })();
    }
    return db;
  } catch (cause) {
    if (!isSqliteError(cause)) throw cause;
    throw configError({
      code: 'SIM_STORE_UNREADABLE',
      message: `the simulated broker cannot read its file (${cause.code})`,
      remedy: 'Restore the file from a backup, or use another home.',
      cause,
    });
  }
}

/** A request that cannot be stored must not count. @throws BrokerError SIM_STORE_FAILED (stop) */
function writing(work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!isSqliteError(cause)) throw cause;
    throw brokerError('stop', {
      code: 'SIM_STORE_FAILED',
      message: `the simulated broker cannot write its file (${cause.code})`,
      remedy: 'Free disk space and make the file writable, then resume the day.',
      cause,
    });
  }
}

/** By its code, not by its class: where modules are loaded twice (as test runners do), the classes differ. */
function isSqliteError(error: unknown): error is { readonly code: string } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SQLITE_')
  );
}
