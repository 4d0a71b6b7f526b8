import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { newestSavedJournal } from '../../src/adapters/journal-sqlite/saved-journal.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { ALPHA, START, named } from './support/journal-events.js';

const ANY = { expectedRevision: 'any' } as const;

let root: string;
let dir: string;
let path: string;
let opened: SqliteJournal[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'journal-lost-'));
  dir = join(root, 'journal');
  path = join(dir, 'journal.db');
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((journal) => journal.close()));
  rmSync(root, { recursive: true });
});

function open(at = path): SqliteJournal {
  const journal = SqliteJournal.open({ path: at, clock: new VirtualClock(START) });
  opened.push(journal);
  return journal;
}

/** Two processes that have the journal open, with events of both. */
async function inUse(): Promise<readonly [SqliteJournal, SqliteJournal]> {
  const [one, other] = [open(), open()] as const;
  await one.append(ALPHA, named(40, 'a'), ANY);
  await other.append(ALPHA, named(3, 'b'), ANY);
  return [one, other];
}

const removeAll = (): void => ['', '-wal', '-shm'].forEach((end) => rmSync(path + end, { force: true }));

const losses: readonly (readonly [string, string, () => void])[] = [
  ['rm journal.db*', 'was removed', removeAll],
  ['rm journal.db', 'was removed', () => rmSync(path)],
  ['rm journal.db-wal', 'journal.db-wal was removed', () => rmSync(`${path}-wal`)],
  ['rm journal.db-shm', 'journal.db-shm was removed', () => rmSync(`${path}-shm`)],
  ['rm -r of the folder', 'was removed', () => rmSync(dir, { recursive: true })],
  [
    'mv of another file over it',
    'was replaced by another file',
    () => {
      writeFileSync(join(root, 'other'), 'something else');
      renameSync(join(root, 'other'), path);
    },
  ],
  [
    'mv of a copy of itself over it',
    'was replaced by another file',
    () => {
      copyFileSync(path, join(root, 'copy'));
      renameSync(join(root, 'copy'), path);
    },
  ],
  [
    'an older copy put in its place',
    'was replaced by another file',
    () => {
      copyFileSync(path, join(root, 'copy'));
      removeAll();
      copyFileSync(join(root, 'copy'), path);
    },
  ],
  ['mv of the file alone', 'it is now', () => renameSync(path, join(root, 'elsewhere.db'))],
];

describe('the open journal is the file at its path', () => {
  test('a journal in use is that file, however many processes write, checkpoint and close it', async () => {
    const [one, other] = await inUse();
    for (let round = 0; round < 5; round += 1) {
      await other.append(ALPHA, named(400, `round${round}-`), ANY);
      const third = SqliteJournal.open({ path, clock: new VirtualClock(START) });
      await third.append(ALPHA, named(1, `third${round}-`), ANY);
      await third.close();
      expect([one.file.look(), other.file.look()]).toEqual([undefined, undefined]);
    }
    await other.close();
    await one.append(ALPHA, named(1, 'last'), ANY);
    expect(one.file.look()).toBeUndefined();
  });

  test.each(losses)('%s is noticed, and every event is saved from the open handle', async (_what, says, lose) => {
    const [one, other] = await inUse();
    lose();
    expect(one.file.look()).toMatchObject({ message: expect.stringContaining(says), movedTo: null });
    expect(other.file.look()).toMatchObject({ message: expect.stringContaining(says) });
    await other.append(ALPHA, named(1, 'after'), ANY);
    const left = existsSync(path) ? readFileSync(path) : undefined;
    const saved = await one.file.saveAside();
    expect(saved).toEqual({ path: `${path}.saved-0000000000000044`, position: '0000000000000044', count: 44 });
    expect(newestSavedJournal(path)).toBe(saved.path);
    expect(existsSync(path) ? readFileSync(path) : undefined).toEqual(left);
    const kept = open(saved.path);
    expect(await kept.verify()).toMatchObject({ ok: true, count: 44 });
    expect(await kept.readAll()).toEqual(await one.readAll());
  });

  test('a later save replaces the earlier one of the same process, and nothing else', async () => {
    const [one, other] = await inUse();
    removeAll();
    const first = await one.file.saveAside();
    writeFileSync(`${path}.saved-0000000000000007`, 'of somebody else');
    await other.append(ALPHA, named(2, 'closing'), ANY);
    const second = await one.file.saveAside();
    const again = await one.file.saveAside();
    expect([existsSync(first.path), again.path]).toEqual([false, second.path]);
    expect(second.count).toBe(45);
    expect(readdirSync(dir).sort()).toEqual(['journal.db.saved-0000000000000007', 'journal.db.saved-0000000000000045']);
  });

  test('a saved copy never replaces what is there under its name', async () => {
    const [one] = await inUse();
    removeAll();
    writeFileSync(`${path}.saved-0000000000000043`, 'precious');
    await one.file.saveAside();
    expect(readFileSync(`${path}.saved-0000000000000043`, 'utf8')).toBe('precious');
  });

  test('a folder that was renamed is named with its new place, and nothing has to be saved', async () => {
    const [one] = await inUse();
    const elsewhere = join(root, 'elsewhere');
    renameSync(dir, elsewhere);
    expect(one.file.look()).toEqual({
      message: `${path} was removed while it is in use; it is now ${join(elsewhere, 'journal.db')}`,
      movedTo: elsewhere,
    });
    expect(existsSync(dir)).toBe(false);
    renameSync(elsewhere, dir);
    expect(one.file.look()).toBeUndefined();
  });

  test.each(['', '-wal'])('a journal.db%s that was cut is noticed, one that grows is not', async (end) => {
    const [one] = await inUse();
    await one.append(ALPHA, named(3_000, 'more'), ANY);
    expect(one.file.look()).toBeUndefined();
    truncateSync(path + end, 100);
    expect(one.file.look()).toMatchObject({
      message: expect.stringMatching(new RegExp(`journal.db${end} was cut from \\d+ to 100 bytes`)),
      movedTo: null,
    });
  });

  test('what cannot be saved is reported with its remedy, and nothing is left behind', async () => {
    const [one] = await inUse();
    rmSync(dir, { recursive: true });
    writeFileSync(dir, 'a file in the place of the folder');
    await expect(one.file.saveAside()).rejects.toMatchObject({ code: 'JOURNAL_NOT_SAVED', callerMust: 'stop' });
    rmSync(dir);
    mkdirSync(dir);
    await one.file.saveAside();
    expect(readdirSync(dir)).toEqual(['journal.db.saved-0000000000000043']);
  });
});
