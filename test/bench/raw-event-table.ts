import Database from 'better-sqlite3';

/** The yardstick: the event table that a careful person writes by hand, and nothing around it. */
export interface RawEvent {
  readonly stream: string;
  readonly type: string;
  readonly time: string;
  /** Stringified when written: that is part of the work. */
  readonly value: object;
}

const HASH = 'f'.repeat(64);

export class RawEventTable {
  readonly db: Database.Database;
  readonly #insert: Database.Statement;
  readonly #version: Database.Statement<[string], number | null>;

  constructor(path: string) {
    this.db = new Database(path);
    this.db.pragma('journal_mode = WAL');
    this.db.pragma('synchronous = FULL');
    this.db.exec(`CREATE TABLE events (seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
        type TEXT NOT NULL, time TEXT NOT NULL, data TEXT NOT NULL, hash TEXT NOT NULL, UNIQUE (stream, version)) STRICT;
      CREATE TRIGGER no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'append-only'); END;
      CREATE TRIGGER no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'append-only'); END;`);
    this.#insert = this.db.prepare(
      'INSERT INTO events (stream, version, type, time, data, hash) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#version = this.db
      .prepare<[string], number | null>('SELECT max(version) FROM events WHERE stream = ?')
      .pluck();
  }

  /** One transaction; the version of each stream is read in it once. */
  append(events: readonly RawEvent[]): void {
    this.db.exec('BEGIN IMMEDIATE');
    const versions = new Map<string, number>();
    for (const { stream, type, time, value } of events) {
      const version = (versions.get(stream) ?? this.#version.get(stream) ?? -1) + 1;
      versions.set(stream, version);
      this.#insert.run(stream, version, type, time, JSON.stringify(value), HASH);
    }
    this.db.exec('COMMIT');
  }
}
