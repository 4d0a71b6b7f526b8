import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { backUpJournal } from '../../src/adapters/backup/back-up.js';
import { keptJournal } from '../../src/adapters/backup/kept-journal.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { openForReading } from '../../src/adapters/journal-sqlite/open-file.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { homePaths } from '../../src/domain/home/home-paths.js';
import { ALPHA, BOT, named, START } from './support/journal-events.js';

/** The byte range of the shared lock that SQLite keeps on a file in WAL mode. */
const SHARED_FIRST = 1_073_741_826;

let home: string;
let path: string;
let journal: SqliteJournal;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'own-locks-'));
  path = homePaths(home, BOT).storage.journalDb;
  journal = open();
  await journal.append(ALPHA, named(3, 'e'), { expectedRevision: 'any' });
});
afterEach(async () => {
  await journal.close();
  rmSync(home, { recursive: true, force: true });
});

const open = (): SqliteJournal => SqliteJournal.open({ path, clock: new VirtualClock(START) });

/** Whether the system has a lock of this process on the bytes that SQLite locks in a file in use. */
function isLocked(): boolean {
  const { ino } = statSync(path);
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .some((fields) => {
      const [, kind, , , pid, file = '', first] = fields;
      return (
        kind === 'POSIX' && pid === String(process.pid) && file.endsWith(`:${ino}`) && first === String(SHARED_FIRST)
      );
    });
}

// A program with an SQLite before 3.51 that closes a journal without this lock deletes the log in use.
test.each([
  ['before anything else', () => undefined],
  ['after a backup', () => backUpJournal({ journal: path, folder: homePaths(home, BOT).backups, pid: process.pid })],
  ['after a copy was saved from the open handle', () => journal.file.saveAside()],
  ['after the last event was looked up', () => keptJournal(path, '')],
  ['after the file was opened for reading', () => openForReading(path).close()],
  ['after the file was opened for reading by another name', () => openForReading(secondName()).close()],
  ['after the file was opened a second time', () => open().close()],
])('the open journal stays locked %s', async (_when, work) => {
  await work();
  expect(isLocked()).toBe(true);
  await journal.append(ALPHA, named(3, 'f'), { expectedRevision: 'any' });
  expect(await journal.verify()).toMatchObject({ ok: true, count: 6 });
});

test('a closed journal is not locked, and its first bytes are checked again', async () => {
  await journal.close();
  expect(isLocked()).toBe(false);
  writeFileSync(path, 'something else that is long enough to be looked at');
  expect(() => openForReading(path)).toThrow(expect.objectContaining({ code: 'JOURNAL_FOREIGN' }));
  expect(() => open()).toThrow(expect.objectContaining({ code: 'JOURNAL_FOREIGN' }));
});

test('a file that replaced the open journal is checked before it is opened', () => {
  renameSync(path, `${path}.moved`);
  writeFileSync(path, 'something else that is long enough to be looked at');
  expect(() => openForReading(path)).toThrow(expect.objectContaining({ code: 'JOURNAL_FOREIGN' }));
});

function secondName(): string {
  const name = join(home, 'second.db');
  symlinkSync(path, name);
  return name;
}
