/** A table that only grows: `row` is what a new row must be, `keys` are the columns of each of its unique keys. */
export interface AppendOnlyTable {
  readonly table: string;
  /** True for a row that may be added, in SQL over NEW. */
  readonly row: string;
  readonly keys: readonly (readonly string[])[];
}

/**
 * Triggers that refuse UPDATE, DELETE and REPLACE for any connection, whatever its pragmas say. REPLACE deletes without
 * a DELETE trigger unless a pragma asks for it, so every key is looked up before the row is written.
 */
export function appendOnlySql(tables: readonly AppendOnlyTable[]): string {
  return tables.map(triggersOf).join('\n');
}

/** The condition of a table whose rows are numbered from 1 without gaps in the column `n`. */
export function numbered(table: string): string {
  return `NEW.n IS (SELECT coalesce(max(n), 0) + 1 FROM ${table})`;
}

function triggersOf({ table, row, keys }: AppendOnlyTable): string {
  const taken = keys.map((columns) => {
    const same = columns.map((column) => `${column} = NEW.${column}`).join(' AND ');
    return `EXISTS (SELECT 1 FROM ${table} WHERE ${same})`;
  });
  return `
CREATE TRIGGER ${table}_in_order BEFORE INSERT ON ${table} BEGIN
  SELECT CASE
    WHEN ${taken.join(' OR ')} THEN RAISE(ABORT, 'APPEND_ONLY: this row of ${table} is recorded already')
    WHEN NOT (${row}) THEN RAISE(ABORT, 'APPEND_ONLY: a new row of ${table} follows the last')
  END;
END;
CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} BEGIN
  SELECT RAISE(ABORT, 'APPEND_ONLY: rows of ${table} are never changed');
END;
CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} BEGIN
  SELECT RAISE(ABORT, 'APPEND_ONLY: rows of ${table} are never deleted');
END;`;
}
