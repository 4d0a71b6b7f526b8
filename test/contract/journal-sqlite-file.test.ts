import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { APPLICATION_ID } from '../../src/adapters/journal-sqlite/schema.js';
import { ALPHA, BETA, START, float, named, reset } from './support/journal-events.js';
import { eventually } from '../support/eventually.js';

const ANY = { expectedRevision: 'any' } as const;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let dir: string;
let path: string;
let opened: SqliteJournal[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-file-'));
  path = join(dir, 'storage', 'journal.db');
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((journal) => journal.close()));
  rmSync(dir, { recursive: true });
});

function open(busyTimeoutMs?: number): SqliteJournal {
  const wait = busyTimeoutMs === undefined ? {} : { busyTimeoutMs };
  const journal = SqliteJournal.open({ path, clock: new VirtualClock(START), ...wait });
  opened.push(journal);
  return journal;
}

/** Runs SQL on the file as a stranger with the sqlite3 program would. */
function attack(...statements: readonly string[]): void {
  const db = new Database(path);
  try {
    for (const statement of statements) db.exec(statement);
  } finally {
    db.close();
  }
}

async function written(events = 40): Promise<SqliteJournal> {
  const journal = open();
  await journal.append(ALPHA, named(events / 2), ANY);
  await journal.append(BETA, [...named(events / 2 - 1, 'b'), float('f')], ANY);
  return journal;
}

describe('the journal file', () => {
  test('the file has mode 0600 in a folder of mode 0700, uses WAL and has its format in the header', async () => {
    await written();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'storage')).mode & 0o777).toBe(0o700);
    const db = new Database(path);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  const COPY = 'SELECT 3, stream_id, revision, type_id, event_id, body, hash FROM events WHERE position = 7';
  const NEXT = "SELECT 41, stream_id, revision, type_id, 'x', body, hash FROM events WHERE position = 7";
  const SAME_ID = 'SELECT 41, stream_id, 999, type_id, event_id, body, hash FROM events WHERE position = 7';
  const GAP = "SELECT 99, stream_id, 999, type_id, 'x', body, hash FROM events WHERE position = 7";
  test.each([
    "UPDATE events SET body = '{}' WHERE position = 3",
    'DELETE FROM events WHERE position = 40',
    `INSERT OR REPLACE INTO events ${COPY}`,
    `REPLACE INTO events ${NEXT}`,
    `REPLACE INTO events ${SAME_ID}`,
    `INSERT INTO events ${GAP}`,
    'UPDATE OR REPLACE events SET revision = 1 WHERE position = 1',
    "UPDATE streams SET name = 'x'",
    'DELETE FROM types',
    "REPLACE INTO streams VALUES (1, 'x')",
    "REPLACE INTO types (name) VALUES ('KillSwitchReset')",
  ])('the database itself refuses %s (JRN-7)', async (statement) => {
    const journal = await written();
    expect(() => attack(statement)).toThrow(/append-only/);
    expect(await journal.verify()).toMatchObject({ ok: true, count: 40 });
  });

  const off = ['events_insert_appends', 'events_update_refused', 'events_delete_refused', 'streams_update_refused'].map(
    (trigger) => `DROP TRIGGER ${trigger}`,
  );
  const swap = (a: number, b: number): string =>
    `UPDATE events SET position = -1 WHERE position = ${a}; UPDATE events SET position = ${a} WHERE position = ${b};
     UPDATE events SET position = ${b} WHERE position = -1`;
  test.each([
    ['a changed text', "UPDATE events SET body = replace(body, 'e7', 'e8') WHERE position = 8", 8, 'HASH_MISMATCH'],
    [
      'a changed hash',
      "UPDATE events SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE position = 5",
      5,
      'HASH_MISMATCH',
    ],
    ['a deleted event', 'DELETE FROM events WHERE position = 12', 12, 'GAP'],
    ['a deleted first event', 'DELETE FROM events WHERE position = 1', 1, 'GAP'],
    ['an event before the first', `INSERT INTO events ${GAP.replace('99', '0')}`, 0, 'GAP'],
    [
      'an inserted event',
      `UPDATE events SET position = -position WHERE position >= 20;
      UPDATE events SET position = 1 - position WHERE position < 0; INSERT INTO events ${GAP.replace('99', '20')}`,
      20,
      'HASH_MISMATCH',
    ],
    ['two swapped events', swap(15, 31), 15, 'HASH_MISMATCH'],
    ['a changed revision', 'UPDATE events SET revision = 77 WHERE position = 9', 9, 'COLUMN_MISMATCH'],
    ['a changed id', "UPDATE events SET event_id = 'x' WHERE position = 10", 10, 'COLUMN_MISMATCH'],
    ['a changed type', 'UPDATE events SET type_id = 2 WHERE position = 11', 11, 'COLUMN_MISMATCH'],
    ['a renamed stream', "UPDATE streams SET name = 'gamma-1' WHERE stream_id = 2", 21, 'COLUMN_MISMATCH'],
  ] as const)('verify finds %s (JRN-30)', async (_what, statement, position, code) => {
    const journal = await written();
    attack(...off, statement);
    const found = await journal.verify();
    expect(found).toMatchObject({ ok: false, position: String(position).padStart(16, '0'), code });
  });

  test('verify reports a file that cannot be read', async () => {
    const journal = await written(4_000);
    await journal.close();
    const size = statSync(path).size;
    const hole = Buffer.alloc(size / 4, 0x5a);
    const fd = openSync(path, 'r+');
    writeSync(fd, hole, 0, hole.length, Math.floor(size / 2));
    closeSync(fd);
    expect(await open().verify()).toMatchObject({ ok: false, code: 'UNREADABLE' });
  });
});

describe('opening a journal file', () => {
  test('a file of another program is refused and not changed', () => {
    const foreignPath = join(dir, 'foreign.db');
    const db = new Database(foreignPath);
    db.exec('CREATE TABLE t (x)');
    db.close();
    path = foreignPath;
    expect(() => open()).toThrow(expect.objectContaining({ code: 'JOURNAL_FOREIGN', callerMust: 'stop' }));
    const after = new Database(foreignPath);
    expect(after.pragma('journal_mode', { simple: true })).toBe('delete');
    after.close();
    path = join(dir, 'notes.txt');
    writeFileSync(path, 'not a database, but long enough to look like one '.repeat(40));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'JOURNAL_FOREIGN' }));
  });

  test('a newer format is refused', async () => {
    await (await written()).close();
    attack('PRAGMA user_version = 2');
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'JOURNAL_NEWER', details: { path, format: 2, known: 1 } }),
    );
  });

  test.each([50, 100, 8_192, 40_000])('a file cut to %i bytes is refused as damaged', async (bytes) => {
    await (await written(400)).close();
    truncateSync(path, bytes);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT', callerMust: 'stop' }));
  });

  test('a folder that cannot be created gives one clear error', () => {
    path = join(dir, 'file', 'journal.db');
    writeFileSync(join(dir, 'file'), '');
    expect(() => open()).toThrow(expect.objectContaining({ code: 'JOURNAL_STALLED', callerMust: 'stop' }));
  });

  test('recorded events are there after closing and opening again', async () => {
    const first = await written();
    const events = await first.readAll();
    await first.close();
    const second = open();
    expect(await second.readAll()).toEqual(events);
    expect(await second.append(ALPHA, [reset('more')], { expectedRevision: 19 })).toMatchObject({ revision: 20 });
    expect(await second.verify()).toMatchObject({ ok: true, count: 41 });
  });
});

describe('several connections to one file (JRN-5)', () => {
  test('two journals append alternately and see each other’s events immediately', async () => {
    const [one, two] = [open(), open()];
    for (let round = 0; round < 20; round += 1) {
      await one.append(ALPHA, [reset(`one${round}`)], { expectedRevision: round === 0 ? 'noStream' : round * 2 - 1 });
      await two.append(ALPHA, [reset(`two${round}`)], { expectedRevision: round * 2 });
    }
    await expect(one.append(ALPHA, [reset('late')], { expectedRevision: 38 })).rejects.toMatchObject({
      code: 'WRONG_EXPECTED_REVISION',
      details: { actual: 39 },
    });
    expect(await one.head()).toEqual(await two.head());
    expect(await one.verify()).toMatchObject({ ok: true, count: 40 });
  });

  test('a subscriber sees what another connection appends (JRN-4)', async () => {
    const [reader, writer] = [open(), open()];
    const seen = firstValueFrom(
      reader.subscribe().pipe(
        filter((event) => event.stream === BETA),
        take(3),
        toArray(),
      ),
    );
    await writer.append(ALPHA, named(2), ANY);
    for (let n = 0; n < 3; n += 1) await writer.append(BETA, [reset(`b${n}`)], ANY);
    expect((await seen).map((event) => event.revision)).toEqual([0, 1, 2]);
  });

  test('a file locked by another program is JOURNAL_BUSY after a bounded wait and usable afterwards', async () => {
    const journal = open(60);
    const db = new Database(path);
    db.exec('BEGIN IMMEDIATE');
    await expect(journal.append(ALPHA, named(1), ANY)).rejects.toMatchObject({
      code: 'JOURNAL_BUSY',
      callerMust: 'retry',
    });
    const waiting = journal.append(ALPHA, named(1), ANY);
    db.exec('COMMIT');
    db.close();
    expect(await waiting).toMatchObject({ revision: 0 });
  });
});

interface Child {
  readonly acknowledged: string[];
  readonly exited: Promise<unknown>;
  kill(): void;
}

function appendInChild(who: string, limit: number): Child {
  const script = join(ROOT, 'test/contract/support/append-forever.ts');
  const args = ['--import', join(ROOT, 'test/unit/support/typescript-loader.mjs'), script, path, who, String(limit)];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: '' } });
  const acknowledged: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    acknowledged.push(...lines);
  });
  const exited = new Promise((resolve) => child.on('close', resolve));
  return { acknowledged, exited, kill: () => child.kill('SIGKILL') };
}

describe('several processes at one file', () => {
  test('every acknowledged event survives kill -9 with a valid chain', async () => {
    open();
    for (const wanted of [40, 200, 360]) {
      const child = appendInChild(`killed${String.fromCharCode(96 + wanted / 40)}`, 1_000_000);
      await eventually('enough is acknowledged', () => child.acknowledged.length >= wanted, { everyMs: 5 });
      child.kill();
      await child.exited;
      const journal = open();
      const there = new Set<string>((await journal.readAll()).map((event) => event.id));
      expect(child.acknowledged.length).toBeGreaterThanOrEqual(wanted);
      expect(child.acknowledged.filter((id) => !there.has(id))).toEqual([]);
      expect(await journal.verify()).toMatchObject({ ok: true, count: there.size });
    }
  });

  test('three processes append at once without loss; a subscriber sees all events in order', async () => {
    const journal = open();
    const seen = firstValueFrom(journal.subscribe().pipe(take(3 * 8 * 25), toArray()));
    const children = ['x', 'y', 'z'].map((who) => appendInChild(who, 25));
    await Promise.all(children.map((child) => child.exited));
    expect(children.map((child) => child.acknowledged.length)).toEqual([200, 200, 200]);
    expect((await seen).map((event) => Number(event.position))).toEqual(Array.from({ length: 600 }, (_, n) => n + 1));
    expect(await journal.verify()).toMatchObject({ ok: true, count: 600 });
  });
});
