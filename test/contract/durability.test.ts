import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
// Before all that it records.
import { disk } from './support/disk-trace.js';
import { mkdirSync } from 'node:fs';
import { writeFileAtomic } from '../../src/adapters/files/atomic-write.js';
import { writeFlag } from '../../src/adapters/flags/write-flag.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { SqliteUserStore } from '../../src/adapters/users/sqlite-user-store.js';
import { SqliteResetTokens } from '../../src/adapters/users/sqlite-reset-tokens.js';
import { backUpJournal } from '../../src/adapters/backup/back-up.js';
import { checkBackup, stageBackup, swapIn } from '../../src/adapters/backup/restore.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { made } from '../unit/support/made-vault.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { ALPHA, BOT, named, START } from './support/journal-events.js';

/** SQLite's number for FULL: a commit returns only when the disk has it. */
const FULL = 2;
const clock = new VirtualClock(START);

let home: string;
beforeEach(() => {
  home = temporaryHome();
  disk.start(home);
});
afterEach(removeTemporaryHomes);

async function appendTo(path: string, count: number, prefix: string): Promise<void> {
  const journal = SqliteJournal.open({ path, clock });
  await journal.append(ALPHA, named(count, prefix), { expectedRevision: 'any' });
  await journal.close();
}

/** Steps on matching names. */
const stepsOf = (name: RegExp): readonly string[] => disk.steps.filter((step) => name.test(step));

describe('connections that write sources use synchronous=FULL (P1)', () => {
  test('a journal connection uses synchronous=FULL for a new and an existing file', async () => {
    const path = `${home}/journal.db`;
    await appendTo(path, 2, 'new');
    await appendTo(path, 2, 'existing');
    expect(disk.connections).toEqual([
      { path: 'journal.db', synchronous: FULL },
      { path: 'journal.db', synchronous: FULL },
    ]);
  });

  test.each([
    ['users', (path: string) => new SqliteUserStore(path, { create: true })],
    ['reset tokens', (path: string) => new SqliteResetTokens(path)],
  ])('the database of %s uses synchronous=FULL when created and when opened', (_, open) => {
    open(`${home}/state.db`).close();
    open(`${home}/state.db`).close();
    expect(disk.connections).toEqual([
      { path: 'state.db.tmp', synchronous: FULL },
      { path: 'state.db', synchronous: FULL },
      { path: 'state.db', synchronous: FULL },
    ]);
  });
});

describe('a new file name is durable when the call returns (P1)', () => {
  test('an atomic write syncs the file and then its folder', () => {
    writeFileAtomic(`${home}/status.json`, '{}');
    expect(disk.steps).toEqual(['sync .status.json.tmp', 'rename .status.json.tmp -> status.json', 'sync .']);
  });

  test('a control flag and its folder are synced', () => {
    const { control } = homePaths(home, BOT);
    mkdirSync(control.dir);
    writeFlag('kill', { control, clock, by: null });
    expect(disk.steps).toEqual([
      'sync control/.control_kill.flag.tmp',
      'rename control/.control_kill.flag.tmp -> control/control_kill.flag',
      'sync control',
    ]);
  });

  test('a new users database syncs its folder after the rename', () => {
    new SqliteUserStore(`${home}/users.db`, { create: true }).close();
    expect(disk.steps).toEqual(['link users.db.tmp -> users.db', 'sync .']);
  });

  test('a vault generation syncs every file and its folders before the link is switched', () => {
    const { home: vaultHome, paths } = made();
    const names = disk.steps.map((step) => step.replace(`${vaultHome}/`, ''));
    const generation = `${paths.vault}/gen-1`.replace(`${vaultHome}/`, '');
    const moved = names.findIndex((step) => step.startsWith('rename ') && step.endsWith('/current'));
    const before = names.slice(0, moved);
    const folders = [`${generation}/secrets`, `${generation}/keys`, generation].map((name) => `sync ${name}`);
    expect(moved).toBeGreaterThan(0);
    const files = Object.keys(filesUnder(`${paths.vault}/gen-1`)).map((name) => `sync ${generation}/${name}`);
    expect(files.length).toBeGreaterThan(10);
    expect(before).toEqual(expect.arrayContaining([...files, ...folders]));
    expect(names[moved + 1]).toBe(`sync ${paths.vault}`.replace(`${vaultHome}/`, ''));
  });

  test('a backup syncs the copy, its name and its manifest', async () => {
    const { storage, backups } = homePaths(home, BOT);
    await appendTo(storage.journalDb, 3, 'e');
    disk.start(home);
    await backUpJournal({ journal: storage.journalDb, folder: backups, pid: process.pid });
    const [synced, renamed, folder, ...manifest] = disk.steps;
    expect([synced, folder]).toEqual(['sync backups/.backup.PID.tmp', 'sync backups']);
    expect(renamed).toMatch(/^rename backups\/\.backup\.PID\.tmp -> backups\/journal_/);
    expect(manifest).toHaveLength(3);
    expect(manifest.at(-1)).toBe('sync backups');
  });

  test('a restore syncs the copy before the swap and the journal folder after it', async () => {
    const paths = homePaths(home, BOT);
    await appendTo(paths.storage.journalDb, 3, 'e');
    const copy = await backUpJournal({ journal: paths.storage.journalDb, folder: paths.backups, pid: process.pid });
    disk.start(home);
    await stageBackup(await checkBackup(copy.path), paths);
    swapIn(paths, paths.replacedJournal(1));
    expect(stepsOf(/^sync|journal\.db$/)).toEqual([
      'sync storage/journal/journal.db.restore',
      'link storage/journal/journal.db -> storage/journal/replaced-1/journal.db',
      'sync storage/journal/replaced-1',
      'sync storage/journal',
      'rename storage/journal/journal.db.restore -> storage/journal/journal.db',
      'sync storage/journal',
    ]);
  });
});
