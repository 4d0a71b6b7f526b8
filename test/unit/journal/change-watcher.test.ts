import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type Database from 'better-sqlite3';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ChangeWatcher } from '../../../src/adapters/journal-sqlite/change-watcher.js';

const POLL_MS = 250;
let folder: string;
let version: number;
let looks: number;
let woken: number;
let watcher: ChangeWatcher;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] });
  folder = mkdtempSync(join(tmpdir(), 'change-watcher-'));
  [version, looks, woken] = [1, 0, 0];
  const get = (): number => {
    looks += 1;
    return version;
  };
  const db = { prepare: () => ({ pluck: () => ({ get }) }) } as unknown as Database.Database;
  watcher = new ChangeWatcher(db, join(folder, 'journal.db'));
  watcher.add(
    () => (woken += 1),
    () => undefined,
  );
});

afterEach(() => {
  watcher.close();
  jest.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** Another process writes to the log of the file; returns when the watch has noticed. */
async function written(): Promise<void> {
  const before = looks;
  writeFileSync(join(folder, 'journal.db-wal'), String(before), { flag: 'a' });
  while (looks === before) await nextTurn();
}

test.each([0, 30, 100, 200])('a commit that is visible %d ms after the write is seen within 8 ms', async (fsyncMs) => {
  await written();
  jest.advanceTimersByTime(fsyncMs);
  expect(woken).toBe(0);
  version += 1;
  jest.advanceTimersByTime(8);
  expect(woken).toBe(1);
});

test('after a notification the looks end with the poll that follows, and a change that was found makes them rare', async () => {
  await written();
  jest.advanceTimersByTime(2 * POLL_MS);
  const unseen = looks;
  jest.advanceTimersByTime(4 * POLL_MS);
  // Only the polls.
  expect(looks - unseen).toBe(4);
  version += 1;
  await written();
  const found = looks;
  jest.advanceTimersByTime(POLL_MS - 1);
  expect(looks - found).toBeLessThan(14);
  expect(woken).toBe(1);
});
