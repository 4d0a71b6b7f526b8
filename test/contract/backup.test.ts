import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUpJournal, type Backup } from '../../src/adapters/backup/back-up.js';
import { checkBackup, freeFolder, stageBackup, swapIn } from '../../src/adapters/backup/restore.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { ALPHA, BOT, named, reset, START } from './support/journal-events.js';
import { startChild } from './support/children.js';
import { eventually } from '../support/eventually.js';

const ANY = { expectedRevision: 'any' } as const;

let home: string;
let path: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'backup-'));
  path = homePaths(home, BOT).storage.journalDb;
  folder = homePaths(home, BOT).backups;
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

async function append(count: number, prefix = 'e'): Promise<void> {
  const journal = open();
  await journal.append(ALPHA, named(count, prefix), ANY);
  await journal.close();
}

const open = (at = path): SqliteJournal => SqliteJournal.open({ path: at, clock: new VirtualClock(START) });
const backUp = (): Promise<Backup> => backUpJournal({ journal: path, folder, pid: process.pid });

async function putBack(copy: string): Promise<string> {
  const paths = homePaths(home, BOT);
  await stageBackup(await checkBackup(copy), paths);
  const folder = freeFolder(paths);
  swapIn(paths, folder);
  return folder;
}

async function headOf(at: string): Promise<{ count: number; hash: string } | undefined> {
  const journal = open(at);
  try {
    const [head, verified] = [await journal.head(), await journal.verify()];
    expect(verified.ok).toBe(true);
    return head;
  } finally {
    await journal.close();
  }
}

describe('backup (JRN-35)', () => {
  test('each copy taken while another process appends is a complete prefix of the journal', async () => {
    const child = startChild('test/contract/support/append-forever.ts', path, 'load');
    if (child.stdout !== null) await once(child.stdout, 'data');
    child.stdout?.resume();
    const journal = open();
    const copies: Backup[] = [];
    try {
      for (let n = 0; n < 5; n += 1) {
        const before = (await journal.head())?.count ?? 0;
        const copy = await backUp();
        expect(copy.manifest.count).toBeGreaterThanOrEqual(before);
        copies.push(copy);
        await eventually('more events', async () => ((await journal.head())?.count ?? 0) > copy.manifest.count);
      }
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const hashes = new Map<string, string>((await journal.readAll()).map((event) => [event.position, event.hash]));
    await journal.close();
    expect(new Set(copies.map((copy) => copy.manifest.count)).size).toBe(5);
    for (const { path: copy, manifest } of copies) {
      expect(hashes.get(manifest.position)).toBe(manifest.headHash);
      expect(await checkBackup(copy)).toMatchObject({
        count: manifest.count,
        sha256: manifest.sha256,
        hasManifest: true,
      });
    }
    expect(readdirSync(folder)).toHaveLength(10);
  });

  test('a copy is one private file with a manifest, named after its last event', async () => {
    await append(12);
    const { path: copy, manifest } = await backUp();
    expect(readdirSync(folder).sort()).toEqual(['journal_0000000000000012.db', 'journal_0000000000000012.db.json']);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(`${copy}.json`, 'utf8'))).toEqual(manifest);
    expect(manifest).toMatchObject({ count: 12, botIdentity: BOT, createdAt: '2013-10-07T13:30:00.000Z' });
    expect(await backUp()).toEqual({ path: copy, manifest });
  });

  test('a damaged journal is not copied, and older copies are kept', async () => {
    await append(12);
    const good = await backUp();
    await append(3, 'f');
    const db = new Database(path);
    db.exec(
      "DROP TRIGGER events_update_refused; UPDATE events SET body = replace(body, 'e7', 'e8') WHERE position = 8",
    );
    db.close();
    await expect(backUp()).rejects.toMatchObject({ code: 'BACKUP_DAMAGED', details: { position: '0000000000000008' } });
    expect(readdirSync(folder)).toHaveLength(2);
    expect(await checkBackup(good.path)).toMatchObject({ count: 12 });
  });

  test('a copy of another history at the same position gets a name of its own', async () => {
    await append(12);
    const first = await backUp();
    const bytes = readFileSync(first.path);
    rmSync(join(home, 'storage'), { recursive: true });
    await append(12, 'f');
    const second = await backUp();
    expect(second.manifest.name).toBe('journal_0000000000000012_2.db');
    expect(readFileSync(first.path).equals(bytes)).toBe(true);
    expect(await backUp()).toEqual(second);
  });

  test('an empty journal and an unusable folder are refused', async () => {
    await open().close();
    await expect(backUp()).rejects.toMatchObject({ code: 'JOURNAL_EMPTY' });
    await append(1);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file');
    await expect(backUp()).rejects.toMatchObject({ code: 'BACKUP_NOT_WRITTEN' });
  });

  test('half-made files of a killed process are removed', async () => {
    await append(2);
    await backUp();
    writeFileSync(join(folder, '.backup.999999999.tmp'), 'half');
    writeFileSync(join(folder, '.backup.1.tmp'), 'of one that lives');
    await backUp();
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual(['.backup.1.tmp']);
  });
});

describe('restore (JRN-35)', () => {
  type Spoil = (copy: string) => void;
  const flip: Spoil = (copy) => {
    const bytes = readFileSync(copy);
    // pages that were split keep old bytes behind, so every place is changed
    for (let at = bytes.indexOf('because e5'); at >= 0; at = bytes.indexOf('because e5', at)) bytes[at + 8] = 0x66;
    writeFileSync(copy, bytes);
  };
  const noManifest: Spoil = (copy) => rmSync(`${copy}.json`);
  test.each<readonly [string, Spoil, string]>([
    ['a missing file', (copy) => rmSync(copy), 'BACKUP_MISSING'],
    ['a changed byte', flip, 'BACKUP_DAMAGED'],
    [
      'a changed byte, without a manifest',
      (copy) => [flip, noManifest].forEach((step) => step(copy)),
      'BACKUP_DAMAGED',
    ],
    ['a cut file', (copy) => truncateSync(copy, 9_000), 'BACKUP_DAMAGED'],
    [
      'a cut file, without a manifest',
      (copy) => [(c: string) => truncateSync(c, 60), noManifest].forEach((s) => s(copy)),
      'JOURNAL_CORRUPT',
    ],
    [
      'a foreign file',
      (copy) => [(c: string) => writeFileSync(c, 'notes '.repeat(99)), noManifest].forEach((s) => s(copy)),
      'JOURNAL_FOREIGN',
    ],
    ['a journal of a newer version', (copy) => [newer, noManifest].forEach((step) => step(copy)), 'JOURNAL_NEWER'],
    ['a manifest that is none', (copy) => writeFileSync(`${copy}.json`, '{}'), 'BACKUP_MANIFEST_UNREADABLE'],
    ['a journal in use', (copy) => writeFileSync(`${copy}-wal`, 'log'), 'BACKUP_IN_USE'],
    ['an empty journal', (copy) => [emptied, noManifest].forEach((step) => step(copy)), 'JOURNAL_EMPTY'],
  ])('%s is refused and nothing changes', async (_what, spoil, code) => {
    await append(20);
    const { path: copy } = await backUp();
    spoil(copy);
    await expect(checkBackup(copy)).rejects.toMatchObject({ code });
  });

  function newer(copy: string): void {
    const db = new Database(copy);
    db.pragma('user_version = 9');
    db.close();
  }

  function emptied(copy: string): void {
    const db = new Database(copy);
    for (const name of db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all()) {
      db.exec(`DROP TRIGGER ${name}`);
    }
    db.exec('DELETE FROM events; DELETE FROM streams; DELETE FROM types');
    db.close();
  }

  test('a truncated journal with a valid chain does not match its manifest', async () => {
    await append(20);
    const { path: copy } = await backUp();
    const db = new Database(copy);
    db.exec('DROP TRIGGER events_delete_refused; DELETE FROM events WHERE position > 15');
    db.close();
    await expect(checkBackup(copy)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    noManifest(copy);
    expect(await checkBackup(copy)).toMatchObject({ count: 15, hasManifest: false });
  });

  test('the replaced journal is kept complete, including its write-ahead log', async () => {
    await append(10);
    const { path: copy } = await backUp();
    const busy = open();
    await busy.append(ALPHA, [reset('later')], ANY);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    const aside = await putBack(copy);
    await busy.close();
    expect(await headOf(path)).toMatchObject({ count: 10 });
    expect(aside).toBe(join(home, 'storage/journal/replaced-1'));
    expect(await headOf(join(aside, 'journal.db'))).toMatchObject({ count: 11 });
    expect(await putBack(copy)).toBe(join(home, 'storage/journal/replaced-2'));
  });

  test('a journal too damaged to open is also replaced and kept', async () => {
    await append(10);
    const { path: copy } = await backUp();
    writeFileSync(path, 'rubbish'.repeat(500));
    writeFileSync(`${path}-wal`, 'rubbish'.repeat(500));
    const aside = await putBack(copy);
    expect(await headOf(path)).toMatchObject({ count: 10 });
    expect(readdirSync(aside)).toEqual(expect.arrayContaining(['journal.db', 'journal.db-wal']));
  });
});
