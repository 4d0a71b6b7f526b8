import { copyFileSync, existsSync, statSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import { readCheckpoint } from '../../src/adapters/projection-targets/read-checkpoint.js';
import { Projector } from '../../src/app/projector/projector.js';
import { OUTPUT_LOCKED } from '../../src/ports/projection-targets.js';
import { Tape } from '../unit/support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { sampleLogOnly, sampleProjection } from '../unit/support/sample-projection.js';

afterAll(removeTemporaryHomes);

interface Setting {
  readonly longestLog?: number;
  readonly pause?: (ms: number) => Promise<unknown>;
}

function projectorOn(home: string, tape: Tape, { longestLog, pause }: Setting = {}): Projector {
  const parts = longestLog === undefined ? {} : { longestLog };
  const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db`, ...parts });
  const projections = [sampleProjection(`${home}/output`), sampleLogOnly(`${home}/output`)];
  return new Projector({ journal: tape, projections, targets, ...(pause === undefined ? {} : { pause }) });
}

function grow(tape: Tape, events: number): void {
  for (let n = 0; n < events; n += 1) tape.add('PhaseStarted', { phase: 'open' });
}

/** A home whose database was published, as after a session. */
async function publishedHome(tape: Tape): Promise<string> {
  const home = temporaryHome();
  grow(tape, 5);
  const projector = projectorOn(home, tape);
  await projector.catchUp();
  await projector.close();
  return home;
}

/** Another program that has the file open in a transaction. */
function held(path: string, begin: 'BEGIN' | 'BEGIN IMMEDIATE' | 'BEGIN EXCLUSIVE'): Database.Database {
  const db = new Database(path);
  db.exec(begin);
  db.prepare('SELECT count(*) FROM phases').get();
  return db;
}

const rowsIn = (path: string): number => {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], number>('SELECT count(*) FROM phases').pluck().get() ?? -1;
  } finally {
    db.close();
  }
};

const lastOf = (tape: Tape): string | undefined => tape.events.at(-1)?.position;

describe('other programs read or lock a database of a projection', () => {
  test('a reader that stays delays nothing, and a copy of the file alone is whole after publishing', async () => {
    const tape = new Tape();
    const home = await publishedHome(tape);
    const path = `${home}/output/sample.db`;
    const reader = held(path, 'BEGIN');
    grow(tape, 4);
    const projector = projectorOn(home, tape);
    const { projections } = await projector.catchUp();
    expect(projections.map(({ stopped, lagEvents }) => [stopped, lagEvents])).toEqual([
      [null, 0],
      [null, 0],
    ]);
    await projector.publish();
    copyFileSync(path, `${home}/copy.db`);
    expect(rowsIn(`${home}/copy.db`)).toBe(9);
    expect(reader.prepare('SELECT count(*) FROM phases').pluck().get()).toBe(5);
    reader.close();
    grow(tape, 2);
    await projector.catchUp();
    await projector.close();
    expect(rowsIn(path)).toBe(11);
  });

  test.each(['BEGIN IMMEDIATE', 'BEGIN EXCLUSIVE'] as const)(
    'a lock by %s delays its projection and stops nothing',
    async (begin) => {
      const tape = new Tape();
      const home = await publishedHome(tape);
      const lock = held(`${home}/output/sample.db`, begin);
      grow(tape, 3);
      const projector = projectorOn(home, tape);
      await expect(projector.catchUp()).rejects.toMatchObject({ code: OUTPUT_LOCKED, callerMust: 'retry' });
      expect(readCheckpoint(`${home}/storage/projections.db`, 'logonly')?.position).toBe(lastOf(tape));
      lock.close();
      const { projections } = await projector.catchUp();
      expect(projections.map(({ stopped, events }) => [stopped, events])).toEqual([
        [null, 8],
        [null, 8],
      ]);
      await projector.close();
      expect(rowsIn(`${home}/output/sample.db`)).toBe(8);
    },
  );

  test('a command waits for a lock', async () => {
    const tape = new Tape();
    const home = await publishedHome(tape);
    const lock = held(`${home}/output/sample.db`, 'BEGIN IMMEDIATE');
    grow(tape, 3);
    let waits = 0;
    const pause = (): Promise<void> => {
      waits += 1;
      if (waits === 2) lock.close();
      return Promise.resolve();
    };
    const projector = projectorOn(home, tape, { pause });
    await projector.catchUp();
    await projector.close();
    expect(waits).toBe(2);
    expect(rowsIn(`${home}/output/sample.db`)).toBe(8);
  });

  test('a database in the journal mode of 0.2.0 with a reader is rebuilt, not switched', async () => {
    const tape = new Tape();
    const home = await publishedHome(tape);
    const path = `${home}/output/sample.db`;
    const good = filesUnder(`${home}/output`);
    const old = new Database(path);
    old.pragma('journal_mode = DELETE');
    old.close();
    const reader = held(path, 'BEGIN');
    const projector = projectorOn(home, tape);
    const report = await projector.catchUp();
    await projector.close();
    reader.close();
    expect(report.rebuilt).toEqual([
      { name: 'sample', reason: 'its database is in the journal mode of an older version' },
    ]);
    expect(filesUnder(`${home}/output`)).toEqual(good);
  });

  test('a reader that never ends does not let the log grow without bound', async () => {
    const tape = new Tape();
    const home = await publishedHome(tape);
    const path = `${home}/output/sample.db`;
    const reader = held(path, 'BEGIN');
    const projector = projectorOn(home, tape, { longestLog: 100_000 });
    let longest = 0;
    for (let round = 0; round < 40; round += 1) {
      grow(tape, 1);
      await projector.catchUp();
      longest = Math.max(longest, existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0);
    }
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(200_000);
    reader.close();
    await projector.close();
    expect(rowsIn(path)).toBe(45);
  });

  test('after a settled session a copy of the file alone is whole', async () => {
    const tape = new Tape();
    const home = await publishedHome(tape);
    const path = `${home}/output/sample.db`;
    grow(tape, 3);
    const projector = projectorOn(home, tape);
    await projector.catchUp();
    await projector.settle();
    copyFileSync(path, `${home}/copy.db`);
    await projector.close();
    expect(rowsIn(`${home}/copy.db`)).toBe(8);
  });
});
