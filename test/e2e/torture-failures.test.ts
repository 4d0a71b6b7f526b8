import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { firstValueFrom, take, toArray } from 'rxjs';
import { backUpJournal } from '../../src/adapters/backup/back-up.js';
import { checkBackup } from '../../src/adapters/backup/restore.js';
import { VirtualClock } from '../../src/adapters/clock/virtual-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../src/app/projector/projector.js';
import type { NewEvent } from '../../src/events/event.js';
import { commandEventId } from '../../src/kernel/hash.js';
import { DAY_MS, plusMs, type Clock } from '../../src/kernel/time.js';
import { startChild } from '../contract/support/children.js';
import { ALPHA, BETA, float, named, reset, START } from '../contract/support/journal-events.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { sampleLogOnly, sampleProjection, type SampleOptions } from '../unit/support/sample-projection.js';

const ANY = { expectedRevision: 'any' } as const;

let home: string;
let path: string;
let opened: SqliteJournal[];
const children: ChildProcess[] = [];
beforeEach(() => {
  home = temporaryHome();
  path = join(home, 'journal.db');
  opened = [];
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(opened.map((journal) => journal.close()));
});
afterAll(removeTemporaryHomes);

function open(options: { readonly busyTimeoutMs?: number; readonly clock?: Clock } = {}): SqliteJournal {
  const journal = SqliteJournal.open({ path, clock: new VirtualClock(START), ...options });
  opened.push(journal);
  return journal;
}

function phase(n: number): NewEvent {
  return {
    ...reset(`phase-${n}`),
    id: commandEventId(START, 'phase', String(n)),
    type: 'PhaseStarted',
    data: { phase: 'open' },
  };
}

async function projecting<T>(
  journal: SqliteJournal,
  work: (projector: Projector) => Promise<T>,
  options: SampleOptions = {},
): Promise<T> {
  const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` });
  const projections = [sampleProjection(`${home}/output`, options), sampleLogOnly(`${home}/output`)];
  try {
    return await work(new Projector({ journal, projections, targets }));
  } finally {
    targets.close();
  }
}

const lines = (): number => readFileSync(`${home}/output/sample.log`, 'utf8').split('\n').length - 1;

/** Changes pages of a closed database file without SQLite. */
function overwrite(file: string, at: number, bytes: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(bytes, 0x5a), 0, bytes, at);
  closeSync(handle);
}

async function stalledWriter(): Promise<{ kill: () => Promise<unknown> }> {
  const child = startChild('test/e2e/support/hold-lock.ts', path);
  children.push(child);
  if (child.stdout !== null) await once(child.stdout, 'data');
  return {
    kill: () => {
      child.kill('SIGKILL');
      return once(child, 'exit');
    },
  };
}

describe('F24: a projection skips a committed event because the position moved past a gap', () => {
  test('a rolled-back transaction leaves no gap: the next event gets its position, and no reader saw it', async () => {
    const journal = open({ busyTimeoutMs: 50 });
    await journal.append(ALPHA, [phase(0), phase(1)], ANY);
    const other = await stalledWriter();
    expect(await projecting(journal, (projector) => projector.catchUp())).toMatchObject({ events: 2 });
    await other.kill();
    const appended = await journal.append(ALPHA, [phase(2)], ANY);
    expect(await appended.recorded()).toMatchObject([{ position: '0000000000000003' }]);
    expect(await projecting(journal, (projector) => projector.catchUp())).toMatchObject({ events: 1 });
    expect(lines()).toBe(3);
  });

  test('two writers append alternately at full speed, and an earlier subscriber sees every position once', async () => {
    const [one, two] = [open(), open()];
    const seen = firstValueFrom(open().subscribe().pipe(take(400), toArray()));
    const writers = [one, two].map(async (journal, who) => {
      for (let n = 0; n < 200; n += 1) await journal.append(who === 0 ? ALPHA : BETA, [reset(`${who}-${n}`)], ANY);
    });
    await Promise.all(writers);
    expect((await seen).map((event) => Number(event.position))).toEqual(Array.from({ length: 400 }, (_, n) => n + 1));
  });
});

describe('long journals', () => {
  const MANY = 45_000;
  async function sparse(): Promise<SqliteJournal> {
    const journal = open();
    for (let from = 0; from < MANY; from += 5_000) await journal.append(ALPHA, named(5_000, `at${from}-`), ANY);
    await journal.append(BETA, [phase(1), float('f')], ANY);
    return journal;
  }

  test('F25: a rebuild times out on sparse types; F27: recovery reads everything again', async () => {
    const journal = await sparse();
    let turns = 0;
    const watch = setInterval(() => (turns += 1), 0);
    const found = await journal.readAll({ filter: { types: ['PhaseStarted', 'FloatSnapshotTaken'] } });
    // a filter with few matches is read in chunks, and other work runs in between
    expect(found).toHaveLength(2);
    expect(turns).toBeGreaterThanOrEqual(2);
    await projecting(journal, (projector) => projector.rebuild('all'));
    clearInterval(watch);
    expect(lines()).toBe(1);
    await journal.append(BETA, [phase(2)], ANY);
    // a restart resumes at the checkpoint: one event, not all of them
    expect(await projecting(journal, (projector) => projector.catchUp())).toMatchObject({ events: 1, rebuilt: [] });
    expect(lines()).toBe(2);
  });
});

describe('F26: projections freeze while the display says 100 %', () => {
  test('a stopped projection reports the event and the reason, and its lag grows with the journal', async () => {
    const journal = open();
    await journal.append(ALPHA, [phase(0), phase(1), phase(2)], ANY);
    const failing = { failAt: '0000000000000002' };
    await projecting(journal, (projector) => projector.catchUp(), failing);
    await journal.append(ALPHA, [phase(3), phase(4)], ANY);
    const { projections } = await projecting(journal, (projector) => projector.catchUp(), failing);
    expect(projections).toMatchObject([
      { name: 'sample', events: 1, lagEvents: 4, stopped: { position: '0000000000000002', type: 'PhaseStarted' } },
      { name: 'logonly', events: 5, lagEvents: 0, stopped: null },
    ]);
  });
});

describe('F28: a broken index prevents the store from opening', () => {
  test('the index of the log is rebuilt', async () => {
    const journal = open();
    await journal.append(ALPHA, named(50), ANY);
    const copy = join(home, 'copy.db');
    for (const ending of ['', '-wal']) writeFileSync(copy + ending, readFileSync(path + ending));
    writeFileSync(`${copy}-shm`, Buffer.alloc(32_768, 0x5a));
    path = copy;
    const again = open();
    expect(await again.verify()).toMatchObject({ ok: true, count: 50 });
  });

  test('with damaged unique keys the journal opens, reads, verifies and projects; an append is refused as damage', async () => {
    const journal = open();
    await journal.append(ALPHA, named(500), ANY);
    await journal.append(BETA, [phase(0)], ANY);
    await journal.close();
    const db = new Database(path);
    const root = db
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_events_2'")
      .pluck()
      .get();
    const size = Number(db.pragma('page_size', { simple: true }));
    db.close();
    overwrite(path, (Number(root) - 1) * size, 12);
    const again = open();
    expect(await again.readAll()).toHaveLength(501);
    expect(await again.verify()).toMatchObject({ ok: true, count: 501 });
    expect(await projecting(again, (projector) => projector.catchUp())).toMatchObject({ events: 501 });
    await expect(again.append(ALPHA, [reset('next')], ANY)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });
});

describe('F29: a plain hash chain does not detect truncation', () => {
  test('verify alone does not detect it; the head in the manifest of a backup does', async () => {
    const journal = open();
    await journal.append(ALPHA, named(20), ANY);
    await journal.close();
    const { path: copy } = await backUpJournal({ journal: path, folder: `${home}/backups`, pid: process.pid });
    const db = new Database(copy);
    db.exec('DROP TRIGGER events_delete_refused; DELETE FROM events WHERE position > 15');
    db.close();
    await expect(checkBackup(copy)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    rmSync(`${copy}.json`);
    expect(await checkBackup(copy)).toMatchObject({ count: 15 });
  });
});

describe('a second writer that stalls while holding the lock', () => {
  test('appends fail after a bounded wait, reads continue, and its end suffices to recover', async () => {
    const journal = open({ busyTimeoutMs: 100 });
    await journal.append(ALPHA, named(5), ANY);
    const other = await stalledWriter();
    await expect(journal.append(ALPHA, [reset('late')], ANY)).rejects.toMatchObject({
      code: 'JOURNAL_BUSY',
      callerMust: 'retry',
    });
    expect(await journal.readAll()).toHaveLength(5);
    expect(await journal.verify()).toMatchObject({ ok: true, count: 5 });
    await other.kill();
    expect(await journal.append(ALPHA, [reset('late')], ANY)).toMatchObject({ alreadyThere: false, revision: 5 });
    expect((await journal.readAll()).map((event) => event.id)).not.toContain('never committed');
    expect(await journal.verify()).toMatchObject({ ok: true, count: 6 });
  });
});

describe('a clock jump', () => {
  test('events keep the order of their positions, the chain is valid, projections are equal, and no lag is negative', async () => {
    const jumps = [0, 400 * DAY_MS, -30 * DAY_MS, -1, 60 * 60_000, -DAY_MS, 5, 0];
    let at = 0;
    const clock: Clock = { now: () => plusMs(START, jumps[at++ % jumps.length] ?? 0) };
    const journal = open({ clock });
    const seen = firstValueFrom(journal.subscribe().pipe(take(24), toArray()));
    for (let n = 0; n < 24; n += 1) {
      await journal.append(ALPHA, [phase(n)], { expectedRevision: n === 0 ? 'noStream' : n - 1 });
      if (n % 5 !== 0) continue;
      const states = await projecting(journal, (projector) => projector.catchUp());
      for (const { lagMs, lagEvents } of states.projections)
        expect({ lagMs, lagEvents }).toEqual({ lagMs: 0, lagEvents: 0 });
    }
    expect((await seen).map((event) => event.revision)).toEqual(Array.from({ length: 24 }, (_, n) => n));
    expect(await journal.verify()).toMatchObject({ ok: true, count: 24 });
    await projecting(journal, (projector) => projector.catchUp());
    expect(lines()).toBe(24);
    expect(await projecting(journal, (projector) => projector.check('all'))).toMatchObject({ ok: true });
  });
});
