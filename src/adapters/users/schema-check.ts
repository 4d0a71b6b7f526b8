import Database from 'better-sqlite3';

interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly sql: string | null;
}

const OBJECTS = `SELECT type, name, sql FROM sqlite_schema
WHERE name NOT LIKE 'sqlite_%' AND name NOT IN ('projection_checkpoint') ORDER BY name`;

/** Text of a definition without comments and layout. */
function normal(sql: string | null): string {
  return (sql ?? '')
    .replace(/--[^\n]*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function objectsOf(db: Database.Database): ReadonlyMap<string, SchemaObject> {
  const rows = db.prepare<[], SchemaObject>(OBJECTS).all();
  return new Map(rows.map((row) => [`${row.type} ${row.name}`, row]));
}

function expected(schemaSql: string): ReadonlyMap<string, SchemaObject> {
  const db = new Database(':memory:');
  try {
    db.exec(schemaSql);
    return objectsOf(db);
  } finally {
    db.close();
  }
}

/**
 * How the tables, columns, constraints, indexes and triggers of a database differ from its SQL file: one line each,
 * naming the object; empty when they are the same. `additions`: tables that a database of an earlier version lacks.
 */
export function schemaFaults(
  db: Database.Database,
  schemaSql: string,
  additions: readonly string[] = [],
): readonly string[] {
  const wanted = expected(schemaSql);
  const found = objectsOf(db);
  const faults: string[] = [];
  for (const [key, object] of wanted) {
    const other = found.get(key);
    if (other === undefined) {
      if (!additions.includes(object.name)) faults.push(`${key} is missing`);
    } else if (normal(other.sql) !== normal(object.sql)) faults.push(`${key} has different columns or constraints`);
  }
  for (const key of found.keys()) if (!wanted.has(key)) faults.push(`${key} is unexpected`);
  return faults;
}

/** Statements that make the tables of `additions` which a database of an earlier version lacks. */
export function missingAdditions(
  db: Database.Database,
  schemaSql: string,
  additions: readonly string[],
): readonly string[] {
  if (additions.length === 0) return [];
  const found = objectsOf(db);
  return [...expected(schemaSql).values()]
    .filter(({ type, name }) => additions.includes(name) && !found.has(`${type} ${name}`))
    .map(({ sql }) => (sql ?? '').replace(/^CREATE TABLE /, 'CREATE TABLE IF NOT EXISTS '));
}
