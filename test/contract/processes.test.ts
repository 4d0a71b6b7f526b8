import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { answerOf, startChild } from './support/children.js';

const EVENTS = 100_000;
const CHILD = 'test/contract/support/journal-child.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'processes-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Followed {
  readonly seen: number;
  readonly ids: number;
  readonly faults: number;
  readonly last: string;
}

describe('several processes on one journal (JRN-5)', () => {
  test(`two writers, a follower and a reader, ${EVENTS} events: no gaps, no duplicates, same order`, async () => {
    const path = join(dir, 'journal.db');
    const follower = answerOf<Followed>(startChild(CHILD, 'follow', path, String(EVENTS)));
    const reader = answerOf<{ rounds: number; faults: number }>(startChild(CHILD, 'read', path, String(EVENTS)));
    const writers = ['alice', 'bob'].map((who) =>
      answerOf<{ written: number }>(startChild(CHILD, 'write', path, who, String(EVENTS / 2))),
    );
    expect(await Promise.all(writers)).toEqual([{ written: EVENTS / 2 }, { written: EVENTS / 2 }]);
    const followed = await follower;
    expect(followed).toMatchObject({ seen: EVENTS, ids: EVENTS, faults: 0 });
    expect(await reader).toMatchObject({ faults: 0 });
    const journal = SqliteJournal.open({ path, clock: new SystemClock() });
    expect(await journal.verify()).toMatchObject({ ok: true, count: EVENTS, head: followed.last });
    await journal.close();
  });
});
