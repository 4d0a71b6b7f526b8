import type Database from 'better-sqlite3';

const COLUMNS = 7;
/** Rows per statement: one statement for many rows costs less than one for each; more rows gain little. */
const ROWS = 20;

type Cell = number | string;

/**
 * Inserts rows of `events` in groups. `INSERT OR ROLLBACK` because a refused row ends the whole transaction anyway, and
 * because SQLite then needs no statement journal.
 */
export class RowWriter {
  readonly #many: Database.Statement<Cell[]>;
  readonly #one: Database.Statement<Cell[]>;
  #cells: Cell[] = [];

  constructor(db: Database.Database) {
    const insert = (rows: number): Database.Statement<Cell[]> =>
      db.prepare(
        `INSERT OR ROLLBACK INTO events (position, stream_id, revision, type_id, event_id, body, hash) VALUES ${Array.from(
          { length: rows },
          () => '(?, ?, ?, ?, ?, ?, ?)',
        ).join(', ')}`,
      );
    this.#many = insert(ROWS);
    this.#one = insert(1);
  }

  /** The row as (position, stream_id, revision, type_id, event_id, body, hash); it may wait for the next drain. */
  add(...row: readonly [number, number, number, number, string, string, string]): void {
    this.#cells.push(...row);
    if (this.#cells.length === ROWS * COLUMNS) {
      const cells = this.#cells;
      this.#cells = [];
      this.#many.run(...cells);
    }
  }

  /** Afterwards every row added is in the file. */
  drain(): void {
    const cells = this.#cells;
    this.#cells = [];
    for (let at = 0; at < cells.length; at += COLUMNS) this.#one.run(...cells.slice(at, at + COLUMNS));
  }

  /** After a rollback: discards the rows that were not inserted yet. */
  discard(): void {
    this.#cells = [];
  }
}
