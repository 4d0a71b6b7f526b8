import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Chaos } from './support/chaos.js';
import { WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import { expectSoundHome } from './support/sound-home.js';
import { worldSpeed } from './support/world-speed.js';

beforeAll(buildOnce);
afterAll(removeScratch);

/** A short form of test/soak: one day of the whole program with users, accidents and canary secrets (SEC-5). */
describe('a full day of the whole program', () => {
  test('a day with crashes, saves, flags and logins leaves a consistent home and exposes no secret', async () => {
    const clock = new WorldClock('2013-10-07T13:00:00.000Z', worldSpeed(600));
    const chaos = new Chaos({ home: scratchFolder(), clock, seed: 5, every: 1_500 });
    const { odd, done, sessions } = await chaos.run(new Date('2013-10-07T20:30:00.000Z'));
    const found = await expectSoundHome(chaos);
    expect({ odd, done }).toEqual({ odd: [], done });
    expect(sessions).toBe(1);
    expect(found['SecretsRotated']).toBeGreaterThan(0);
    expect(found['BackupCompleted']).toBeLessThanOrEqual(1);
  });
});
