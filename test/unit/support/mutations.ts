import type Database from 'better-sqlite3';
import { GENESIS_HASH } from '../../../src/adapters/event-codec/codec.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import type { SeededRandom } from '../../../src/kernel/random.js';
import { unlocked } from './tampering.js';

/** A row of the journal file. */
export interface Row {
  readonly position: number;
  readonly stream_id: number;
  readonly revision: number;
  readonly type_id: number;
  readonly event_id: string;
  readonly body: string;
  readonly hash: string;
}

const COLUMNS = 'position, stream_id, revision, type_id, event_id, body, hash';

export function rowsOf(db: Database.Database): readonly Row[] {
  return db.prepare<[], Row>(`SELECT ${COLUMNS} FROM events ORDER BY position`).all();
}

/** An empty journal file without triggers, keys and checks, for an attacker to fill. */
export function bareJournal(path: string): Buffer {
  const db = unlocked(path);
  db.pragma('journal_mode = DELETE');
  db.exec(`CREATE TABLE bare AS SELECT ${COLUMNS} FROM events WHERE false;
    DROP TABLE events; ALTER TABLE bare RENAME TO events;`);
  const bytes = db.serialize();
  db.close();
  return bytes;
}

export function writeRows(db: Database.Database, rows: readonly Row[]): void {
  const insert = db.prepare<[Row]>(
    `INSERT INTO events VALUES (:position, :stream_id, :revision, :type_id, :event_id, :body, :hash)`,
  );
  db.transaction(() => {
    for (const row of rows) insert.run(row);
  })();
}

/** Every hash and position from `from` on recomputed: the best forgery possible without the key. */
function rechained(rows: readonly Row[], from: number): readonly Row[] {
  let hash: string = rows[from - 1]?.hash ?? GENESIS_HASH;
  return rows.map((row, index) => {
    if (index < from) return row;
    hash = sha256Hex(hash + row.body);
    return { ...row, position: index + 1, hash };
  });
}

function renumbered(rows: readonly Row[]): readonly Row[] {
  return rows.map((row, index) => ({ ...row, position: index + 1 }));
}

function otherCharacter(random: SeededRandom, text: string): string {
  const at = random.integer(0, text.length);
  const code = text.charCodeAt(at);
  return text.slice(0, at) + String.fromCharCode(code ^ (1 << random.integer(0, 4))) + text.slice(at + 1);
}

function changedRow(random: SeededRandom, row: Row): Row {
  switch (random.integer(0, 8)) {
    case 0:
      return { ...row, hash: otherCharacter(random, row.hash) };
    case 1:
      return { ...row, event_id: otherCharacter(random, row.event_id) };
    case 2:
      return { ...row, revision: row.revision + random.integer(1, 4) };
    case 3:
      return { ...row, stream_id: row.stream_id + random.integer(1, 3) };
    case 4:
      return { ...row, type_id: row.type_id + random.integer(1, 3) };
    default:
      return { ...row, body: otherCharacter(random, row.body) };
  }
}

const KINDS = ['flip', 'insert', 'delete', 'swap', 'cut', 'rewrite', 'move'] as const;
export type Kind = (typeof KINDS)[number];

export interface Mutation {
  readonly kind: Kind;
  readonly rows: readonly Row[];
}

/** One change somewhere among the first `sealed` rows, mostly covered up by renumbering or a recomputed chain. */
export function mutated(random: SeededRandom, rows: readonly Row[], sealed: number): Mutation {
  const kind = KINDS[random.integer(0, KINDS.length)] ?? 'flip';
  const at = random.integer(0, sealed);
  const changed = CHANGES[kind](random, rows, at);
  if (kind === 'flip' || kind === 'move' || kind === 'cut') return { kind, rows: changed };
  if (kind === 'rewrite' || random.chance(0.4)) return { kind, rows: rechained(changed, 0) };
  return { kind, rows: random.chance(0.5) ? renumbered(changed) : changed };
}

type Change = (random: SeededRandom, rows: readonly Row[], at: number) => readonly Row[];

const CHANGES: Readonly<Record<Kind, Change>> = {
  flip: (random, rows, at) => rows.map((row, index) => (index === at ? changedRow(random, row) : row)),
  insert: (random, rows, at) => {
    const copied = rows[random.integer(0, rows.length)] ?? rows[0]!;
    const made = random.chance(0.5) ? copied : { ...copied, body: otherCharacter(random, copied.body) };
    return [...rows.slice(0, at), { ...made, position: at + 1 }, ...rows.slice(at)];
  },
  delete: (_random, rows, at) => rows.filter((_row, index) => index !== at),
  swap: (random, rows, at) => {
    const other = (at + random.integer(1, rows.length)) % rows.length;
    const [a, b] = [rows[at]!, rows[other]!];
    return rows.map((row, index) => {
      if (index === at) return { ...b, position: a.position };
      return index === other ? { ...a, position: b.position } : row;
    });
  },
  cut: (_random, rows, at) => rows.slice(0, at),
  rewrite: (random, rows, at) =>
    rows.map((row, index) => (index === at ? { ...row, body: otherCharacter(random, row.body) } : row)),
  move: (random, rows, at) =>
    rows.map((row, index) => (index >= at ? { ...row, position: row.position + random.integer(1, 3) } : row)),
};
