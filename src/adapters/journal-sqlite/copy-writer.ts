import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { GENESIS_HASH, chainHash } from '../event-codec/codec.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { ImportedEvent } from '../../ports/journal.js';
import { dictionary, type Dictionary } from './directory.js';
import { PAGE_BYTES } from './open-file.js';
import { RowWriter } from './row-writer.js';
import { createSchema } from './schema.js';

/**
 * Writes the events of another journal into a journal file, or continues such a file. The file is not durable before it is
 * closed and synced, so it must not have its name before.
 */
export class CopyWriter {
  readonly #db: Database.Database;
  readonly #rows: RowWriter;
  readonly #streams: Dictionary;
  readonly #types: Dictionary;
  readonly #addStream: Database.Statement<[string]>;
  readonly #addType: Database.Statement<[string]>;
  readonly #ids = new Map<string, number>();
  #position: number;
  #hash: Sha256Hex;

  constructor(path: string) {
    const fresh = !existsSync(path);
    this.#db = new Database(path);
    if (fresh) this.#db.pragma(`page_size = ${PAGE_BYTES}`);
    this.#db.pragma('journal_mode = MEMORY');
    this.#db.pragma('synchronous = OFF');
    this.#db.pragma('foreign_keys = OFF');
    if (fresh) this.#db.transaction(() => createSchema(this.#db)).immediate();
    this.#rows = new RowWriter(this.#db);
    this.#streams = dictionary(this.#db, 'streams', 'stream_id');
    this.#types = dictionary(this.#db, 'types', 'type_id');
    this.#addStream = this.#db.prepare('INSERT INTO streams (name) VALUES (?)');
    this.#addType = this.#db.prepare('INSERT INTO types (name) VALUES (?)');
    const last = this.#db
      .prepare<[], { position: number; hash: Sha256Hex }>(
        'SELECT position, hash FROM events ORDER BY position DESC LIMIT 1',
      )
      .get();
    this.#position = last?.position ?? 0;
    this.#hash = last?.hash ?? GENESIS_HASH;
  }

  /** Adds events after the last one, in one transaction. */
  add(events: readonly ImportedEvent[]): void {
    this.#db
      .transaction(() => {
        for (const { stream, revision, type, id, body } of events) {
          this.#position += 1;
          this.#hash = chainHash(this.#hash, body);
          this.#rows.add(this.#position, this.#streamId(stream), revision, this.#typeId(type), id, body, this.#hash);
        }
        this.#rows.drain();
      })
      .immediate();
  }

  close(): void {
    this.#db.close();
  }

  #streamId(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    if (this.#ids.size >= NAMES_KEPT) this.#ids.clear();
    const id = this.#streams.idOf(name) ?? Number(this.#addStream.run(name).lastInsertRowid);
    this.#ids.set(name, id);
    return id;
  }

  #typeId(name: string): number {
    return this.#types.idOf(name) ?? Number(this.#addType.run(name).lastInsertRowid);
  }
}

const NAMES_KEPT = 65_536;
