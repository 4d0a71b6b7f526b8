import { rmSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { EvidenceHome, randomSequence } from '../simulation/support/kept-evidence.js';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';

/** TRADEBOT_SOAK_EVIDENCE makes it a shorter run. */
const SEQUENCES = Number(process.env['TRADEBOT_SOAK_EVIDENCE'] ?? 1_000);
const HOURS = 3_600_000;

afterAll(removeTemporaryHomes);

test(
  `${SEQUENCES} random sequences of damage and commands: nothing sealed or published is ever gone or replaced`,
  async () => {
    const base = await EvidenceHome.traded(`${temporaryHome()}/home`);
    for (let seed = 1_001; seed <= 1_000 + SEQUENCES; seed += 1) {
      const dir = temporaryHome();
      const { story, faults, silent } = await randomSequence(base, `${dir}/home`, seed);
      expect({ seed, story, faults, silent }).toEqual({ seed, story, faults: [], silent: [] });
      rmSync(dir, { recursive: true });
    }
  },
  3 * HOURS,
);
