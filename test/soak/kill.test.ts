import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportThroughKills, rebuildThroughKills, tradedHome } from '../e2e/support/kill-outputs.js';
import { killUntil } from '../e2e/support/kill-suite.js';
import { hashesOf } from '../e2e/support/kill-runs.js';
import * as program from '../e2e/support/program.js';

const KILLS = 1_000;
const HOUR_MS = 3_600_000;

beforeAll(program.buildOnce);
afterAll(program.removeScratch);

test(
  `${KILLS} kills: nothing acknowledged is lost or duplicated`,
  async () => {
    const runs = await killUntil(KILLS, join(program.scratchFolder(), 'runs'), { days: 8, maxKills: 150 });
    for (const { home, paths, story, outcome, undisturbed, crashes } of runs) {
      const hashes = hashesOf(paths.storage.journalDb);
      for (const { position, hash } of story.acknowledged) expect(hashes.get(position)).toBe(hash);
      expect((await program.tradebot('verify', '--home', home)).code).toBe(0);
      expect(outcome).toEqual(undisturbed);
      expect(crashes).toBeGreaterThan(0);
    }
  },
  HOUR_MS,
);

test(
  'rebuild all and export, killed repeatedly, end with the bytes of an undisturbed run',
  async () => {
    const home = await tradedHome(program.scratchFolder());
    await rebuildThroughKills(home, 60);
    await exportThroughKills(home, 40);
  },
  HOUR_MS,
);
