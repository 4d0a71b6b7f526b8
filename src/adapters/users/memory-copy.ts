import Database from 'better-sqlite3';
import type { TradeBotError } from '../../kernel/errors.js';
import { systemErrorCode } from '../files/system-error.js';
import { SqlConnection } from './sql-connection.js';

interface Statement {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** A larger file is not copied; its changes are refused. */
const LARGEST_BYTES = 64_000_000;
/** More changes than an outage with every log-in throttled can bring; further ones are refused. */
const MOST_STATEMENTS = 50_000;
/** Of the header: 1 is a file with a rollback journal, which a database in memory may be; 2 is WAL. */
const JOURNAL_MODE_BYTES = [18, 19] as const;

/** A database in memory with the content of a file that takes no writes, and what was changed in it since. */
export class MemoryCopy {
  readonly #connection: SqlConnection;
  readonly #transactions: (readonly Statement[])[] = [];
  #statements = 0;
  #changing: Statement[] | undefined;

  /** Throws `refusal` when the file is too large. */
  static of(file: Database.Database, refusal: TradeBotError): MemoryCopy {
    const content = file.serialize();
    if (content.length > LARGEST_BYTES) throw refusal;
    for (const at of JOURNAL_MODE_BYTES) content[at] = 1;
    return new MemoryCopy(new Database(content), refusal);
  }

  private constructor(
    db: Database.Database,
    private readonly refusal: TradeBotError,
  ) {
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    this.#connection = new SqlConnection(db);
  }

  /** A transaction is under way. */
  get isChanging(): boolean {
    return this.#changing !== undefined;
  }

  /** One transaction, which is remembered for the file. Throws the refusal of the disk when too many are. */
  change<T>(work: () => T): T {
    if (this.#statements >= MOST_STATEMENTS) throw this.refusal;
    const statements: Statement[] = [];
    this.#changing = statements;
    try {
      const result = this.#connection.atomically(work);
      if (statements.length > 0) this.#transactions.push(statements);
      this.#statements += statements.length;
      return result;
    } finally {
      this.#changing = undefined;
    }
  }

  /** Throws the refusal of the disk outside `change`: nobody would write it to the file. */
  run(sql: string, params: readonly unknown[]): number {
    if (this.#changing === undefined) throw this.refusal;
    this.#changing.push({ sql, params });
    return this.#connection.run(sql, params);
  }

  get<Row>(sql: string, params: readonly unknown[]): Row | undefined {
    return this.#connection.get<Row>(sql, params);
  }

  all<Row>(sql: string, params: readonly unknown[]): readonly Row[] {
    return this.#connection.all<Row>(sql, params);
  }

  /**
   * Repeats every transaction on the file, all of them or none, and ends this copy. One that contradicts what another
   * process wrote there meanwhile is left out.
   */
  writeTo(file: SqlConnection): void {
    file.atomically(() => {
      for (const statements of this.#transactions) repeat(file, statements);
    });
    this.#connection.db.close();
  }
}

function repeat(file: SqlConnection, statements: readonly Statement[]): void {
  file.db.exec('SAVEPOINT one');
  try {
    for (const { sql, params } of statements) file.run(sql, params);
  } catch (error) {
    if (systemErrorCode(error)?.startsWith('SQLITE_CONSTRAINT') !== true) throw error;
    file.db.exec('ROLLBACK TO one');
  }
  file.db.exec('RELEASE one');
}
