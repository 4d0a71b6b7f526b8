import type Database from 'better-sqlite3';

/** `TBjn`: identifies the file in its header. */
export const APPLICATION_ID = 0x54426a6e;
/** The file format; a file with a higher one was written by a newer program. */
export const FORMAT = 1;

/**
 * Streams and types are stored once and referenced by small numbers. The triggers make the events append-only for every
 * program that opens the file: `INSERT OR REPLACE` deletes without a delete trigger, so an insert that would replace a
 * row or leave a gap is refused as well. ROLLBACK instead of ABORT saves a statement journal on each insert. The key of
 * ids starts with the id, which starts with the time: new ids are adjacent at its end, whereas a key that starts with
 * the stream touches a page per stream. Files with the other order are read and written as well.
 */
const TABLES = `
CREATE TABLE streams (stream_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE types (type_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  stream_id INTEGER NOT NULL REFERENCES streams (stream_id),
  revision INTEGER NOT NULL CHECK (revision >= 0),
  type_id INTEGER NOT NULL REFERENCES types (type_id),
  event_id TEXT NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (stream_id, revision),
  UNIQUE (event_id, stream_id)
) STRICT;
CREATE TRIGGER events_insert_appends BEFORE INSERT ON events
WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)
  OR EXISTS (SELECT 1 FROM events WHERE stream_id = NEW.stream_id AND revision = NEW.revision)
  OR EXISTS (SELECT 1 FROM events WHERE stream_id = NEW.stream_id AND event_id = NEW.event_id)
BEGIN SELECT RAISE(ROLLBACK, 'events are append-only: insert'); END;
`;

function frozen(table: string): string {
  return ['UPDATE', 'DELETE']
    .map((verb) => {
      const name = `${table}_${verb.toLowerCase()}_refused`;
      return `CREATE TRIGGER ${name} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} are append-only'); END;`;
    })
    .join('\n');
}

function neverReplaced(table: string, key: string): string {
  return `CREATE TRIGGER ${table}_replace_refused BEFORE INSERT ON ${table}
WHEN EXISTS (SELECT 1 FROM ${table} WHERE name = NEW.name OR ${key} = NEW.${key})
BEGIN SELECT RAISE(ROLLBACK, '${table} are append-only: insert'); END;`;
}

/** Creates the tables in an empty file, inside the caller's transaction. */
export function createSchema(db: Database.Database): void {
  db.exec(TABLES);
  db.exec(['events', 'streams', 'types'].map(frozen).join('\n'));
  db.exec(neverReplaced('streams', 'stream_id'));
  db.exec(neverReplaced('types', 'type_id'));
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${FORMAT}`);
}
