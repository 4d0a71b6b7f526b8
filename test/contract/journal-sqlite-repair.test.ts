import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, take, toArray } from 'rxjs';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { ALPHA, START, named, reset } from './support/journal-events.js';

const ANY = { expectedRevision: 'any' } as const;
const FULL = { code: 'JOURNAL_STALLED', callerMust: 'stop' };

let dir: string;
let path: string;
let opened: SqliteJournal[];
/** The disk refuses each commit while this is true. */
let full: boolean;
let elapsedMs: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-repair-'));
  path = join(dir, 'journal.db');
  opened = [];
  full = false;
  elapsedMs = 0;
});
afterEach(async () => {
  await Promise.all(opened.map((journal) => journal.close()));
  rmSync(dir, { recursive: true });
});

function open(): SqliteJournal {
  const journal = SqliteJournal.open({
    path,
    clock: new VirtualClock(START),
    stopwatch: { elapsedMs: () => elapsedMs },
    onStep: (step) => {
      if (full && step === 'before the commit') {
        throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
      }
    },
  });
  opened.push(journal);
  return journal;
}

/** A journal with one event whose disk has just refused the next one. */
async function refusedOnce(): Promise<SqliteJournal> {
  const journal = open();
  await journal.append(ALPHA, [reset('a')], ANY);
  full = true;
  await expect(journal.append(ALPHA, [reset('b')], ANY)).rejects.toMatchObject(FULL);
  return journal;
}

/** Runs SQL on a file as a stranger with the sqlite3 program would. */
function attack(file: string, ...statements: readonly string[]): void {
  const db = new Database(file);
  for (const statement of statements) db.exec(statement);
  db.close();
}

describe('a journal whose disk refused a write', () => {
  test('the same handle writes again as soon as there is room: nothing is lost, the same append is recorded once', async () => {
    const journal = await refusedOnce();
    full = false;
    elapsedMs += 250;
    const again = await journal.append(ALPHA, [reset('b')], ANY);
    expect(again.alreadyThere).toBe(false);
    expect(await again.recorded()).toMatchObject([{ position: '0000000000000002' }]);
    expect(await journal.append(ALPHA, [reset('b')], ANY)).toMatchObject({ alreadyThere: true });
    expect(await journal.verify()).toMatchObject({ ok: true, count: 2 });
  });

  test('full, room again, full again, room again: each time it recovers', async () => {
    const journal = await refusedOnce();
    for (const id of ['c', 'd', 'e']) {
      full = false;
      elapsedMs += 250;
      await journal.append(ALPHA, [reset(id)], ANY);
      full = true;
      await expect(journal.append(ALPHA, [reset(`${id}-refused`)], ANY)).rejects.toMatchObject(FULL);
    }
    expect(await journal.verify()).toMatchObject({ ok: true, count: 4 });
  });

  test('it is asked at most four times a second while it refuses', async () => {
    let asked = 0;
    const journal = SqliteJournal.open({
      path,
      clock: new VirtualClock(START),
      stopwatch: { elapsedMs: () => elapsedMs },
      onStep: (step) => {
        if (step !== 'after the begin') return;
        asked += 1;
        throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
      },
    });
    opened.push(journal);
    for (; elapsedMs < 2_000; elapsedMs += 10) {
      await expect(journal.append(ALPHA, [reset('a')], ANY)).rejects.toMatchObject(FULL);
    }
    // the first one, then one for each quarter of a second
    expect(asked).toBe(1 + 8);
  });

  test('subscriptions and reads continue with the new handle, without gap or repetition', async () => {
    const journal = open();
    const seen = firstValueFrom(journal.subscribe().pipe(take(4), toArray()));
    await journal.append(ALPHA, named(2), ANY);
    full = true;
    await expect(journal.append(ALPHA, [reset('x')], ANY)).rejects.toMatchObject(FULL);
    full = false;
    elapsedMs += 250;
    await journal.append(ALPHA, [reset('y')], ANY);
    await open().append(ALPHA, [reset('of another process')], ANY);
    expect((await seen).map(({ position }) => Number(position))).toEqual([1, 2, 3, 4]);
    expect(await journal.readAll()).toHaveLength(4);
  });

  test('a verification that runs meanwhile ends well', async () => {
    const journal = open();
    await journal.append(ALPHA, named(3_000), ANY);
    const verifying = journal.verify();
    full = true;
    await expect(journal.append(ALPHA, [reset('x')], ANY)).rejects.toMatchObject(FULL);
    full = false;
    elapsedMs += 250;
    await journal.append(ALPHA, [reset('y')], ANY);
    expect(await verifying).toMatchObject({ ok: true });
  });

  test.each<[string, () => void]>([
    ['removed', () => rmSync(path)],
    [
      'replaced by a copy of itself',
      () => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
  ])('a file that was %s is not opened again, and nothing is written to what is there', async (_what, change) => {
    const journal = await refusedOnce();
    change();
    full = false;
    elapsedMs += 250;
    for (let n = 0; n < 3; n += 1) {
      await expect(journal.append(ALPHA, [reset('b')], ANY)).rejects.toMatchObject({ code: 'JOURNAL_CUT' });
      elapsedMs += 250;
    }
  });

  test.each([
    ['JOURNAL_CUT', 'DELETE FROM events WHERE position = 1'],
    ['JOURNAL_REWRITTEN', `UPDATE events SET hash = '${'0'.repeat(64)}' WHERE position = 1`],
  ])('%s: an event that this process wrote and that is gone or another one keeps it closed', async (code, sql) => {
    const journal = await refusedOnce();
    const triggers = new Database(path);
    const names = triggers.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all();
    triggers.close();
    attack(path, ...names.map((name) => `DROP TRIGGER ${String(name)}`), sql);
    full = false;
    elapsedMs += 250;
    await expect(journal.append(ALPHA, [reset('b')], ANY)).rejects.toMatchObject({ code, callerMust: 'stop' });
  });

  test('a journal that was found damaged stays closed', async () => {
    let damaged = true;
    const journal = SqliteJournal.open({
      path,
      clock: new VirtualClock(START),
      onStep: () => {
        if (damaged) throw Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' });
      },
    });
    opened.push(journal);
    await expect(journal.append(ALPHA, [reset('a')], ANY)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    damaged = false;
    await expect(journal.append(ALPHA, [reset('a')], ANY)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });
});
