import { afterAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { SeededRandom } from '../../src/kernel/random.js';
import { killAt, undisturbed } from '../e2e/support/torture-kills.js';
import { tortureJournal } from '../e2e/support/torture-journal.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

afterAll(removeTemporaryHomes);

const POINTS = 10_000;
const SEEDS = 10;

describe(`torture, long form: ${POINTS} points`, () => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
    'seed %i: nothing acknowledged is lost or duplicated, and the chain is valid',
    async (seed) => {
      const share = POINTS / SEEDS;
      const { points, lost, doubled, faults } = await tortureJournal(seed, share, join(temporaryHome(), 'torture'));
      expect({ points, lost, doubled, faults }).toEqual({ points: share, lost: [], doubled: [], faults: [] });
    },
    600_000,
  );

  test('kill -9 at every boundary and a hundred times at random moments', async () => {
    const { steps } = await undisturbed(temporaryHome());
    const random = SeededRandom.of('torture', 'moments');
    const everywhere = Array.from({ length: steps }, (_, n) => ({ dieAt: n + 1 }));
    const anywhere = Array.from({ length: 100 }, () => ({ afterMs: random.integer(0, 60) }));
    const { faults, steps: died } = await killAt([...everywhere, ...anywhere], temporaryHome());
    expect(faults).toEqual([]);
    expect(died).toHaveLength(steps);
  }, 1_800_000);
});
