import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildOnce, removeScratch, scratchFolder } from '../e2e/support/program.js';
import { WorldClock } from '../e2e/support/live-bot.js';
import { Chaos } from '../e2e/support/chaos.js';
import { expectSoundHome } from '../e2e/support/sound-home.js';

/**
 * A simulated month of a bot that runs itself (issue 4): the whole program in processes of its own under a fast clock, with
 * crashes, saves, flags and log-ins at random. TRADEBOT_SOAK_DAYS virtual days (30), TRADEBOT_SOAK_SPEED (1800),
 * TRADEBOT_SOAK_SEED.
 */
const {
  TRADEBOT_SOAK_DAYS: days = '30',
  TRADEBOT_SOAK_SPEED: speed = '1800',
  TRADEBOT_SOAK_SEED: seed = '1',
} = process.env;

beforeAll(buildOnce);
let passed = false;
afterAll(async () => {
  // an inconsistent home is kept as evidence
  if (passed) await removeScratch();
});

describe('a simulated month', () => {
  test(
    `${days} days at ${speed} times, seed=${seed}`,
    async () => {
      const clock = new WorldClock('2013-10-04T12:00:00.000Z', Number(speed));
      const home = scratchFolder();
      process.stderr.write(`in ${home}\n`);
      const chaos = new Chaos({ home, clock, seed: Number(seed) });
      const done = await chaos.run(new Date(clock.now().getTime() + Number(days) * 86_400_000));
      process.stderr.write(`${JSON.stringify(done, null, 1)}\n`);
      const found = await expectSoundHome(chaos);
      process.stderr.write(`${JSON.stringify(found, null, 1)}\n`);
      expect(done.odd).toEqual([]);
      expect(done.sessions).toBeGreaterThan(0);
      for (const [name, mb] of Object.entries(done.memory))
        expect({ name, mb, flat: isFlat(mb) }).toMatchObject({ flat: true });
      passed = true;
    },
    6 * 3_600_000,
  );
});

/** Compares the last quarter of a run with its second; warm-up is not a leak. */
function isFlat(mb: readonly number[]): boolean {
  if (mb.length < 20) return true;
  const quarter = Math.floor(mb.length / 4);
  const median = (part: readonly number[]): number => [...part].sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
  return median(mb.slice(-quarter)) <= 1.25 * median(mb.slice(quarter, 2 * quarter)) + 20;
}
