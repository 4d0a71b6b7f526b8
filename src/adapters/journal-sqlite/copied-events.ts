import Database from 'better-sqlite3';
import type { StreamName } from '../../events/event.js';
import type { ImportedEvent } from '../../ports/journal.js';

/** The events of a journal file for another journal, in order; the file is not changed. */
export class CopiedEvents {
  readonly #db: Database.Database;

  constructor(path: string) {
    this.#db = new Database(path, { readonly: true, fileMustExist: true });
  }

  /** One row is in memory at a time. */
  *all(): Generator<ImportedEvent> {
    const rows = this.#db
      .prepare<[], [StreamName, number, string, string, string]>(
        `SELECT streams.name, revision, types.name, event_id, body FROM events
         JOIN streams USING (stream_id) JOIN types USING (type_id) ORDER BY position`,
      )
      .raw();
    for (const [stream, revision, type, id, body] of rows.iterate()) yield { stream, revision, type, id, body };
  }

  /** A stream that lacks a revision, as one that events of a stranger are in; undefined when there is none. */
  gap(): string | undefined {
    return this.#db
      .prepare<[], string>(
        `SELECT name FROM events JOIN streams USING (stream_id)
         GROUP BY stream_id HAVING max(revision) + 1 <> count(*) LIMIT 1`,
      )
      .pluck()
      .get();
  }

  close(): void {
    this.#db.close();
  }
}
