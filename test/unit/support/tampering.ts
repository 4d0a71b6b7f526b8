import Database from 'better-sqlite3';
import { GENESIS_HASH } from '../../../src/adapters/event-codec/codec.js';
import { sha256Hex } from '../../../src/kernel/hash.js';

/** A journal file opened by an attacker with full access: its triggers are dropped. */
export function unlocked(file: string | Buffer): Database.Database {
  const db = new Database(file);
  const triggers = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all();
  for (const name of triggers) db.exec(`DROP TRIGGER ${name}`);
  return db;
}

/** Changes the text at one position and recomputes every hash from there on, as the program itself would. */
export function rechain(db: Database.Database, position: number, change: (body: string) => string): void {
  const rows = db
    .prepare<[number], { position: number; body: string }>(
      'SELECT position, body FROM events WHERE position >= ? ORDER BY 1',
    )
    .all(position);
  const write = db.prepare<[string, string, number]>('UPDATE events SET body = ?, hash = ? WHERE position = ?');
  let hash: string =
    db
      .prepare<[number], string>('SELECT hash FROM events WHERE position = ?')
      .pluck()
      .get(position - 1) ?? GENESIS_HASH;
  db.transaction(() => {
    for (const row of rows) {
      const body = row.position === position ? change(row.body) : row.body;
      hash = sha256Hex(hash + body);
      write.run(body, hash, row.position);
    }
  })();
}
