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
afterAll(removeScratch);

describe('a simulated month', () => {
  test(
    `of ${days} days at ${speed} times, seed=${seed}`,
    async () => {
      const clock = new WorldClock('2013-10-04T12:00:00.000Z', Number(speed));
      const chaos = new Chaos({ home: scratchFolder(), clock, seed: Number(seed) });
      const done = await chaos.run(new Date(clock.now().getTime() + Number(days) * 86_400_000));
      process.stderr.write(`${JSON.stringify(done, null, 1)}\n`);
      const found = await expectSoundHome(chaos);
      process.stderr.write(`${JSON.stringify(found, null, 1)}\n`);
      expect(done.sessions).toBeGreaterThan(0);
    },
    6 * 3_600_000,
  );
});
