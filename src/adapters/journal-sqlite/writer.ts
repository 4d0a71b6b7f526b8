import type Database from 'better-sqlite3';
import type { StreamName } from '../../events/event.js';
import { GENESIS_HASH, linkedText, type EncodedEvent, type StoredEvent } from '../event-codec/codec.js';
import { Appended, alreadyAppended, findBatch, revisionFits, type FoundEvent } from '../journal-common/append.js';
import { wrongRevision } from '../journal-common/errors.js';
import { positionText } from '../journal-common/position.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';
import type { AppendResult, ExpectedRevision } from '../../ports/journal.js';
import { dictionary, type Dictionary } from './directory.js';
import { RowWriter } from './row-writer.js';
import { fromSqlite, isConstraint } from './sqlite-errors.js';

export interface AppendRequest {
  readonly stream: StreamName;
  readonly batch: readonly EncodedEvent[];
  readonly expected: ExpectedRevision;
  readonly recordedAt: UtcText;
}

/** The outcome of one request of a group. */
export type Outcome = { readonly result: AppendResult } | { readonly error: unknown };

interface StreamState {
  readonly id: number;
  /** Of the last event; -1 for an empty stream. */
  revision: number;
}

/** The end of the chain. */
export interface Head {
  position: number;
  hash: Sha256Hex;
}

interface IdRow {
  readonly position: number;
  readonly revision: number;
  readonly body: string;
  readonly hash: Sha256Hex;
  readonly prev: Sha256Hex | null;
}

const STREAM_CACHE_LIMIT = 65_536;

/**
 * Writes a group of appends in one transaction (JRN-1, JRN-5). Its cached head and revisions are valid while PRAGMA
 * data_version says that no other process has written.
 * The first attempt leaves the check for new ids to the unique keys of the file, which is free. Only when they refuse a
 * row is the group written again with each id looked up, so that a repeated append gets its first result and the others
 * get theirs.
 */
export class GroupWriter {
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #onStep: (step: string) => void;
  readonly #rows: RowWriter;
  readonly #streamIds: Dictionary;
  readonly #typeIds: Dictionary;
  readonly #begin: Database.Statement<[]>;
  readonly #commit: Database.Statement<[]>;
  readonly #dataVersion: Database.Statement<[], number>;
  readonly #lastRow: Database.Statement<[], { position: number; hash: Sha256Hex }>;
  readonly #lastRevision: Database.Statement<[number], number | null>;
  readonly #byId: Database.Statement<[number, string], IdRow>;
  readonly #addStream: Database.Statement<[string]>;
  readonly #addType: Database.Statement<[string]>;
  #seenVersion = -1;
  #head: Head = { position: 0, hash: GENESIS_HASH };
  #committed: Readonly<Head> = this.#head;
  readonly #streams = new Map<StreamName, StreamState>();
  readonly #types = new Map<string, number>();

  /** `onStep` is called at each step after which a crash is tested; for crash tests. */
  constructor(db: Database.Database, path: string, onStep: (step: string) => void = () => undefined) {
    this.#db = db;
    this.#path = path;
    this.#onStep = onStep;
    this.#rows = new RowWriter(db);
    this.#streamIds = dictionary(db, 'streams', 'stream_id');
    this.#typeIds = dictionary(db, 'types', 'type_id');
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck();
    this.#lastRow = db.prepare('SELECT position, hash FROM events ORDER BY position DESC LIMIT 1');
    this.#lastRevision = db
      .prepare<[number], number | null>('SELECT max(revision) FROM events WHERE stream_id = ?')
      .pluck();
    this.#byId = db.prepare(`SELECT position, revision, body, hash,
      (SELECT hash FROM events AS before WHERE before.position = events.position - 1) AS prev
      FROM events WHERE stream_id = ? AND event_id = ?`);
    this.#addStream = db.prepare('INSERT INTO streams (name) VALUES (?)');
    this.#addType = db.prepare('INSERT INTO types (name) VALUES (?)');
  }

  /** The last event after the last transaction of this writer; position 0 before the first one. */
  get committed(): Readonly<Head> {
    return this.#committed;
  }

  /**
   * One transaction, one fsync, an outcome for each request in order. Throws when the transaction as a whole failed:
   * `JOURNAL_BUSY` before any change, `JOURNAL_STALLED` or `JOURNAL_CORRUPT` otherwise.
   */
  write(group: readonly AppendRequest[]): readonly Outcome[] {
    try {
      return this.#transact(group, false);
    } catch (error) {
      if (!isConstraint(error)) throw fromSqlite(this.#path, error);
    }
    try {
      return this.#transact(group, true);
    } catch (error) {
      throw fromSqlite(this.#path, error);
    }
  }

  #transact(group: readonly AppendRequest[], careful: boolean): readonly Outcome[] {
    this.#begin.run();
    try {
      this.#refresh();
      this.#onStep('after the begin');
      const outcomes = group.map((request) => this.#one(request, careful));
      this.#rows.drain();
      this.#onStep('before the commit');
      this.#commit.run();
      this.#committed = { ...this.#head };
      this.#onStep('after the commit');
      return outcomes;
    } catch (error) {
      this.#forget();
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #one(request: AppendRequest, careful: boolean): Outcome {
    const { stream, batch, expected } = request;
    const state = this.#stateOf(stream);
    const actual = state === undefined || state.revision < 0 ? null : state.revision;
    const fits = revisionFits(expected, actual);
    try {
      if (careful || !fits) {
        const found = findBatch(stream, batch, (id) => this.#find(state, id));
        if (found !== undefined) return { result: alreadyAppended(found) };
      }
      if (!fits) throw wrongRevision(stream, expected, actual);
    } catch (error) {
      if (isConstraint(error)) throw error;
      return { error: fromSqlite(this.#path, error) };
    }
    return { result: this.#insert(request, state ?? this.#newStream(stream)) };
  }

  #insert(request: AppendRequest, state: StreamState): AppendResult {
    const head = this.#head;
    const stored: StoredEvent[] = [];
    for (const encoded of request.batch) {
      const revision = state.revision + 1;
      const prevHash = head.hash;
      const { body, hash } = linkedText(prevHash, encoded, request.recordedAt, revision);
      const position = head.position + 1;
      this.#rows.add(position, state.id, revision, this.#typeId(encoded.event.type), encoded.event.id, body, hash);
      stored.push({ position: positionText(position), body, prevHash, hash });
      state.revision = revision;
      head.position = position;
      head.hash = hash;
    }
    return new Appended(stored, state.revision, false);
  }

  #find(state: StreamState | undefined, id: string): FoundEvent | undefined {
    if (state === undefined) return undefined;
    this.#rows.drain();
    const row = this.#byId.get(state.id, id);
    if (row === undefined) return undefined;
    const { body, hash, revision } = row;
    return { position: positionText(row.position), revision, body, hash, prevHash: row.prev ?? GENESIS_HASH };
  }

  #stateOf(stream: StreamName): StreamState | undefined {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const id = this.#streamIds.idOf(stream);
    return id === undefined ? undefined : this.#remember(stream, id, this.#lastRevision.get(id) ?? -1);
  }

  #newStream(stream: StreamName): StreamState {
    return this.#remember(stream, Number(this.#addStream.run(stream).lastInsertRowid), -1);
  }

  #remember(stream: StreamName, id: number, revision: number): StreamState {
    if (this.#streams.size >= STREAM_CACHE_LIMIT) {
      this.#rows.drain();
      this.#streams.clear();
    }
    const state = { id, revision };
    this.#streams.set(stream, state);
    return state;
  }

  #typeId(type: string): number {
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const id = this.#typeIds.idOf(type) ?? Number(this.#addType.run(type).lastInsertRowid);
    this.#types.set(type, id);
    return id;
  }

  /** Inside the transaction: no other process can write until it ends. */
  #refresh(): void {
    const version = this.#dataVersion.get() ?? 0;
    if (version === this.#seenVersion) return;
    this.#forget();
    const last = this.#lastRow.get();
    if (last !== undefined) this.#head = { position: last.position, hash: last.hash };
    this.#seenVersion = version;
  }

  #forget(): void {
    this.#seenVersion = -1;
    this.#head = { position: 0, hash: GENESIS_HASH };
    this.#streams.clear();
    this.#types.clear();
    this.#rows.discard();
  }
}
