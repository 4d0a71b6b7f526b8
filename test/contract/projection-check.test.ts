import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { FileProjectionTargets } from '../../src/adapters/projection-targets/file-targets.js';
import type { ProjectionCheck } from '../../src/app/projector/projection-check.js';
import { Projector } from '../../src/app/projector/projector.js';
import { PowerCut } from '../../src/ports/projection-targets.js';
import { Tape } from '../unit/support/events.js';
import { filesUnder, removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { sampleLogOnly, sampleProjection } from '../unit/support/sample-projection.js';
import { childEnd, startChild } from './support/children.js';

afterAll(removeTemporaryHomes);

const PHASES = ['open', 'mid', 'close'] as const;

function grow(tape: Tape, events: number): Tape {
  for (let n = 0; n < events; n += 1) tape.add('PhaseStarted', { phase: PHASES[tape.events.length % 3] ?? 'open' });
  return tape;
}

async function withProjector<T>(
  home: string,
  tape: Tape,
  work: (projector: Projector) => Promise<T>,
  onStep: (step: string) => void = () => undefined,
): Promise<T> {
  const targets = new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db`, onStep });
  const projections = [sampleProjection(`${home}/output`), sampleLogOnly(`${home}/output`)];
  const projector = new Projector({ journal: tape, projections, targets, pageSize: 4 });
  try {
    const done = await work(projector);
    await projector.close();
    return done;
  } catch (error) {
    targets.close();
    throw error;
  }
}

/** Many small sessions, each published, as days are. */
async function livedIn(tape: Tape): Promise<string> {
  const home = temporaryHome();
  for (let session = 0; session < 3; session += 1) {
    grow(tape, 7);
    await withProjector(home, tape, (projector) => projector.catchUp().then(() => projector.publish()));
  }
  return home;
}

const checked = (home: string, tape: Tape, name = 'all'): Promise<ProjectionCheck> =>
  withProjector(home, tape, (projector) => projector.check(name));

describe('rebuild --check (JRN-22)', () => {
  test('an incremental build equals a rebuild; nothing changes and no files are left behind', async () => {
    const tape = new Tape();
    const home = await livedIn(tape);
    const before = filesUnder(`${home}/output`);
    const found = await checked(home, tape);
    expect(found).toMatchObject({ ok: true, position: tape.events.at(-1)?.position });
    expect(found.projections.map(({ name, differences }) => [name, differences])).toEqual([
      ['sample', []],
      ['logonly', []],
    ]);
    expect(filesUnder(`${home}/output`)).toEqual(before);
    expect((await checked(home, tape, 'logonly')).projections).toEqual(
      found.projections.filter(({ name }) => name === 'logonly'),
    );
  });

  test.each<readonly [string, (output: string) => void, string]>([
    [
      'a changed line',
      (output) => writeOver(`${output}/sample.csv`, 'mid', 'min'),
      'output/sample.csv has other bytes',
    ],
    ['a changed file', (output) => writeFileSync(`${output}/sample.txt`, '{}'), 'output/sample.txt has other bytes'],
    [
      'a cut file',
      (output) => writeFileSync(`${output}/sample_of_mid.txt`, ''),
      'output/sample_of_mid.txt has other bytes',
    ],
    ['a missing file', (output) => rmSync(`${output}/sample_of_mid.txt`), 'output/sample_of_mid.txt is missing'],
    ['a missing database', (output) => rmSync(`${output}/sample.db`), 'its database is missing'],
    ['a changed row', (output) => changeRow(`${output}/sample.db`), 'output/sample.db has other bytes'],
    [
      'a damaged database',
      (output) => writeFileSync(`${output}/sample.db`, 'x'.repeat(5_000)),
      'its database is damaged',
    ],
  ])('%s is found, and the other projection is correct', async (_what, spoil, difference) => {
    const tape = new Tape();
    const home = await livedIn(tape);
    const good = filesUnder(`${home}/output`);
    spoil(`${home}/output`);
    const { ok, projections } = await checked(home, tape);
    expect(ok).toBe(false);
    expect(projections.map((one) => [one.name, one.ok])).toEqual([
      ['sample', false],
      ['logonly', true],
    ]);
    expect(projections[0]?.differences.join()).toContain(difference);
    await withProjector(home, tape, (projector) => projector.rebuild('sample'));
    expect(filesUnder(`${home}/output`)).toEqual(good);
  });

  function writeOver(path: string, from: string, to: string): void {
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  }

  function changeRow(path: string): void {
    const db = new Database(path);
    db.exec("UPDATE phases SET phase = 'never' WHERE rowid = 3");
    db.close();
  }

  test('an incomplete last line is removed when the log is opened, as after a crash', async () => {
    const tape = new Tape();
    const home = await livedIn(tape);
    appendFileSync(`${home}/output/sample.log`, 'half a li');
    expect(await checked(home, tape)).toMatchObject({ ok: true });
  });

  test('events that arrive during the check are left for the next check', async () => {
    const tape = new Tape();
    const home = await livedIn(tape);
    const at = tape.events.length;
    const read = tape.readAll.bind(tape);
    tape.readAll = (options) => {
      if (tape.events.length < at + 20) grow(tape, 1);
      return read(options);
    };
    const found = await checked(home, tape);
    expect(found.ok).toBe(true);
    expect(tape.events.length).toBeGreaterThan(at);
  });

  test('a crash at any step changes nothing, and the next check passes', async () => {
    const tape = new Tape();
    const home = await livedIn(tape);
    const before = filesUnder(`${home}/output`);
    let died = 0;
    for (let dieAt = 1; dieAt < 300; dieAt += 1) {
      let step = 0;
      const onStep = (name: string): void => {
        step += 1;
        if (step === dieAt) throw new PowerCut(name);
      };
      const end = withProjector(home, tape, (projector) => projector.check('all'), onStep);
      const cut = await end.then(() => false).catch((error: unknown) => error instanceof PowerCut);
      expect(await checked(home, tape)).toMatchObject({ ok: true });
      expect(filesUnder(`${home}/output`)).toEqual(before);
      if (!cut) break;
      died += 1;
    }
    expect(died).toBeGreaterThan(10);
  });
});

describe('readers while a projection is updated, published and rebuilt (JRN-22)', () => {
  test('another process always reads a complete file that never goes back', async () => {
    const tape = grow(new Tape(), 40);
    const home = temporaryHome();
    await withProjector(home, tape, (projector) => projector.catchUp().then(() => projector.publish()));
    const reader = startChild('test/contract/support/read-outputs.ts', `${home}/output`, `${home}/done`);
    if (reader.stdout !== null) await once(reader.stdout, 'data');
    const end = childEnd(reader);
    for (let round = 0; round < 25; round += 1) {
      grow(tape, 9);
      await withProjector(home, tape, async (projector) => {
        await projector.catchUp();
        if (round % 2 === 0) await projector.publish();
        await projector.rebuild('all');
        await projector.close();
      });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    writeFileSync(`${home}/done`, '');
    const { rounds, faults } = JSON.parse((await end).out.trim().split('\n').at(-1) ?? '') as {
      rounds: number;
      faults: string[];
    };
    expect(faults).toEqual([]);
    expect(rounds).toBeGreaterThan(3);
  });
});
