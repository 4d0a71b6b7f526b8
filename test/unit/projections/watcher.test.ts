import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { ignore, projection, type Projection } from '../../../projections/kit/projection.js';
import { FileProjectionTargets } from '../../../src/adapters/projection-targets/file-targets.js';
import { Projector } from '../../../src/app/projector/projector.js';
import { Tape } from '../support/events.js';
import { removeTemporaryHomes, temporaryHome } from '../support/home.js';
import { sampleLogOnly } from '../support/sample-projection.js';

afterAll(removeTemporaryHomes);

/** Shows only the state of the other projections. */
function watcher(folder: string): Projection {
  return projection({
    name: 'watcher',
    version: 1,
    contexts: ['config'],
    after: 'all',
    initial: () => 0,
    handlers: {
      ConfigChanged: ignore,
      ConfigChangeDeferred: ignore,
      InverseEtfsChanged: ignore,
      OwnStrategiesFound: ignore,
      ConfigChangeWithdrawn: ignore,
    },
    files: {
      claims: [`${folder}/watcher.json`],
      render: (_state, health) => [{ path: `${folder}/watcher.json`, text: JSON.stringify(health) }],
    },
  });
}

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
  const projector = new Projector({
    journal: growing,
    projections: [sampleLogOnly(`${home}/output`), watcher(`${home}/output`)],
    targets: new FileProjectionTargets({ home, projectionsDb: `${home}/storage/projections.db` }),
    breathe: () => Promise.resolve(),
  });
  const { projections } = await projector.catchUp();
  await projector.close();
  expect(projections.map(({ events }) => events)).toEqual([2, 2]);
  const shown = JSON.parse(readFileSync(`${home}/output/watcher.json`, 'utf8')) as unknown;
  expect(shown).toEqual([{ name: 'logonly', lagEvents: 0, stopped: null, refusals: { count: 0, first: [] } }]);
});
