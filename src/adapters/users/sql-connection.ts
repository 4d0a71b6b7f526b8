import type Database from 'better-sqlite3';

/** A connection with its prepared statements. Throws SQLite's errors. */
export class SqlConnection {
  readonly #statements = new Map<string, Database.Statement>();

  constructor(readonly db: Database.Database) {}

  /** One exclusive transaction. */
  atomically<T>(work: () => T): T {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk may have ended the transaction already.
      if (this.db.inTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Number of changed rows. */
  run(sql: string, params: readonly unknown[]): number {
    return this.#statement(sql).run(...params).changes;
  }

  get<Row>(sql: string, params: readonly unknown[]): Row | undefined {
    return this.#statement(sql).get(...params) as Row | undefined;
  }

  all<Row>(sql: string, params: readonly unknown[]): readonly Row[] {
    return this.#statement(sql).all(...params) as Row[];
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.db.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }
}
