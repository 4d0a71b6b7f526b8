import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { projection, type Projection } from '../../../projections/kit/projection.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { OUTPUT_LOCKED } from '../../../src/ports/projection-targets.js';
import { Tape } from '../support/events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { NOT_PHASES, sampleProjection } from '../support/sample-projection.js';

afterAll(removeTemporaryHomes);

/** Shows only the state of the other projections, rendered at each phase. */
function watcher(folder: string): Projection {
  return projection({
    name: 'watcher',
    version: 1,
    contexts: ['lifecycle'],
    after: 'all',
    initial: () => 0,
    handlers: { ...NOT_PHASES, PhaseStarted: (phases) => phases + 1 },
    files: {
      claims: [`${folder}/watcher.json`],
      render: (_state, health) => [{ path: `${folder}/watcher.json`, text: JSON.stringify(health) }],
    },
  });
}

const projectorOf = (home: string, journal: Pick<Tape, 'head' | 'readAll'>): Projector =>
  new Projector({
    journal,
    projections: [sampleProjection(`${home}/output`), watcher(`${home}/output`)],
    targets: new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` }),
    breathe: () => Promise.resolve(),
  });

const lagIn = (home: string): unknown => {
  const shown = JSON.parse(readFileSync(`${home}/output/watcher.json`, 'utf8')) as readonly { lagEvents: number }[];
  return shown.map(({ lagEvents }) => lagEvents);
};

test('a watcher built while events arrive shows no outdated lag', async () => {
  const home = temporaryHome();
  const tape = new Tape();
  tape.add('PhaseStarted', { phase: 'open' });
  let reads = 0;
  const growing = {
    head: () => tape.head(),
    readAll: (...asked: Parameters<Tape['readAll']>) => {
      reads += 1;
      // between the build of the others and that of the watcher
      if (reads === 2) tape.add('PhaseStarted', { phase: 'mid' });
      return tape.readAll(...asked);
    },
  };
  const projector = projectorOf(home, growing);
  const { projections } = await projector.catchUp();
  await projector.close();
  expect(projections.map(({ events }) => events)).toEqual([2, 2]);
  expect(lagIn(home)).toEqual([0]);
});

test.each(['the same', 'the next'] as const)(
  'nor one that took an event while the files of another were locked: %s process shows that it has caught up',
  async (which) => {
    const home = temporaryHome();
    const tape = new Tape();
    tape.add('PhaseStarted', { phase: 'open' });
    const first = projectorOf(home, tape);
    await first.catchUp();
    tape.add('PhaseStarted', { phase: 'mid' });
    const other = new Database(`${home}/output/sample.db`);
    other.exec('BEGIN IMMEDIATE');
    await expect(first.catchUp()).rejects.toMatchObject({ code: OUTPUT_LOCKED });
    other.close();
    expect(lagIn(home)).toEqual([1]);
    if (which === 'the same') await first.catchUp();
    await first.close();
    const next = projectorOf(home, tape);
    if (which === 'the next') await next.catchUp();
    await next.close();
    expect(lagIn(home)).toEqual([0]);
  },
);

test('a process that finds nothing new writes nothing', async () => {
  const home = temporaryHome();
  const tape = new Tape();
  tape.add('PhaseStarted', { phase: 'open' });
  const bytes = (): readonly string[] =>
    ['storage/projections.db', 'output/watcher.json'].map((path) => readFileSync(`${home}/${path}`, 'base64'));
  const first = projectorOf(home, tape);
  await first.catchUp();
  await first.close();
  const before = bytes();
  const again = projectorOf(home, tape);
  await again.catchUp();
  await again.close();
  expect(bytes()).toEqual(before);
});
