import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { EvidenceHome, randomSequence } from './support/kept-evidence.js';

/** Thirty sequences in parts; test/soak has more of them. */
const PARTS = [1, 11, 21] as const;
const OF_A_PART = 10;

let base: EvidenceHome;
beforeAll(async () => {
  base = await EvidenceHome.traded(`${temporaryHome()}/home`);
});
afterAll(removeTemporaryHomes);

describe('no command replaces or deletes what was sealed or published (P5, P6)', () => {
  test.each(PARTS)(
    'ten random sequences of damage and commands, from seed %i',
    async (first) => {
      for (let seed = first; seed < first + OF_A_PART; seed += 1) {
        const dir = temporaryHome();
        const { story, faults, silent } = await randomSequence(base, `${dir}/home`, seed);
        expect({ seed, story, faults, silent }).toEqual({ seed, story, faults: [], silent: [] });
        rmSync(dir, { recursive: true });
      }
    },
    300_000,
  );
});
