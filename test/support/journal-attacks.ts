import Database from 'better-sqlite3';
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { chainHash } from '../../src/adapters/event-codec/codec.js';
import type { Sha256Hex } from '../../src/kernel/hash.js';
import type { SeededRandom } from '../../src/kernel/random.js';

/** Files that an attacker may put in the place of a journal. */
export interface OtherJournals {
  /** The same home, a session earlier. */
  readonly older: string;
  /** Another home of a bot with the same name. */
  readonly other: string;
}

interface Attacked {
  readonly journal: string;
  readonly random: SeededRandom;
  readonly others: OtherJournals;
}

/** Opens the file as somebody would who first drops its triggers. */
function withFile(journal: string, work: (db: Database.Database) => void): void {
  const db = new Database(journal);
  try {
    const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all();
    for (const name of triggers) db.exec(`DROP TRIGGER ${String(name)}`);
    work(db);
  } finally {
    db.close();
  }
}

const countOf = (db: Database.Database): number =>
  db.prepare<[], number>('SELECT count(*) FROM events').pluck().get() ?? 0;

/** A position from `first` to the last event. */
function anyOf(db: Database.Database, random: SeededRandom, first = 1): number {
  return first + Math.floor(random.next() * (countOf(db) - first + 1));
}

/** Changes one digit of an event, as a price or a time. */
function changeDigit(db: Database.Database, position: number, random: SeededRandom): void {
  const body = db.prepare<[number], string>('SELECT body FROM events WHERE position = ?').pluck().get(position) ?? '';
  const digits = [...body.matchAll(/\d/g)].map(({ index }) => index);
  const at = digits[Math.floor(random.next() * digits.length)] ?? 0;
  const other = String((Number(body[at]) + 1) % 10);
  db.prepare('UPDATE events SET body = ? WHERE position = ?').run(
    body.slice(0, at) + other + body.slice(at + 1),
    position,
  );
}

function rehashFrom(db: Database.Database, first: number): void {
  let prev =
    db
      .prepare<[number], Sha256Hex>('SELECT hash FROM events WHERE position = ?')
      .pluck()
      .get(first - 1) ?? ('0'.repeat(64) as Sha256Hex);
  const rows = db
    .prepare<[number], { position: number; body: string }>(
      'SELECT position, body FROM events WHERE position >= ? ORDER BY position',
    )
    .all(first);
  for (const { position, body } of rows) {
    prev = chainHash(prev, body);
    db.prepare('UPDATE events SET hash = ? WHERE position = ?').run(prev, position);
  }
}

/** Every way in which a journal is attacked; each leaves one that no command may work on. */
export const ATTACKS: Readonly<Record<string, (attacked: Attacked) => void>> = {
  'a changed digit': ({ journal, random }) => withFile(journal, (db) => changeDigit(db, anyOf(db, random), random)),
  'a changed digit, the chain computed again': ({ journal, random }) =>
    withFile(journal, (db) => {
      // what comes after the last seal is proven by nothing but the chain
      const position = 1 + Math.floor(random.next() * (countOf(db) - 5));
      changeDigit(db, position, random);
      rehashFrom(db, position);
    }),
  'a changed hash': ({ journal, random }) =>
    withFile(journal, (db) => {
      db.prepare('UPDATE events SET hash = ? WHERE position = ?').run('f'.repeat(64), anyOf(db, random));
    }),
  'two events swapped': ({ journal, random }) =>
    withFile(journal, (db) => {
      const [one, other] = [anyOf(db, random), anyOf(db, random)];
      const at = one === other ? (one === 1 ? 2 : one - 1) : other;
      const read = db.prepare<[number], string>('SELECT body FROM events WHERE position = ?').pluck();
      const [a, b] = [read.get(one) ?? '', read.get(at) ?? ''];
      db.prepare('UPDATE events SET body = ? WHERE position = ?').run(b, one);
      db.prepare('UPDATE events SET body = ? WHERE position = ?').run(a, at);
    }),
  'an event taken out': ({ journal, random }) =>
    withFile(journal, (db) => {
      db.prepare('DELETE FROM events WHERE position = ?').run(anyOf(db, random));
    }),
  'the tail cut off': ({ journal, random }) =>
    withFile(journal, (db) => {
      db.prepare('DELETE FROM events WHERE position >= ?').run(anyOf(db, random));
      for (const [table, key] of [
        ['streams', 'stream_id'],
        ['types', 'type_id'],
      ]) {
        db.exec(`DELETE FROM ${table} WHERE ${key} NOT IN (SELECT ${key} FROM events)`);
      }
    }),
  'a stream renamed': ({ journal, random }) =>
    withFile(journal, (db) => {
      const count = db.prepare<[], number>('SELECT count(*) FROM streams').pluck().get() ?? 1;
      db.prepare("UPDATE streams SET name = 'float-x' WHERE stream_id = ?").run(1 + Math.floor(random.next() * count));
    }),
  'the file cut': ({ journal, random }) =>
    truncateSync(journal, Math.floor(random.next() * readFileSync(journal).length * 0.9)),
  'the file emptied': ({ journal }) => truncateSync(journal, 0),
  'the file deleted': ({ journal }) => rmSync(journal),
  'the journal of a session earlier': ({ journal, others }) => copyFileSync(others.older, journal),
  'the journal of another home': ({ journal, others }) => copyFileSync(others.other, journal),
  'notes of somebody else': ({ journal }) => writeFileSync(journal, 'notes of somebody else '.repeat(40)),
};
