import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { removeTemporaryHomes, temporaryHome } from '../unit/support/home.js';
import { EmulatedDay } from './support/emulated-day.js';
import { buildOnce } from './support/program.js';

const days: EmulatedDay[] = [];
beforeAll(buildOnce);
afterEach(async () => {
  for (const day of days.splice(0)) await day.end();
});
afterAll(removeTemporaryHomes);

describe('a day at a real broker', () => {
  test.each(['ibkr'] as const)(
    '%s: the bot ends flat and to the cent, although its engine is killed with a position open',
    async (name) => {
      const day = await EmulatedDay.make(temporaryHome(), name);
      days.push(day);
      day.start('projector');
      const first = day.start();
      await day.bot.until('a position', ({ type }) => type === 'PositionOpened');
      await first.killHard();
      const engine = day.start();
      await day.ended();
      expect(await engine.stop()).toBe(0);
      expect(await day.faults()).toEqual([]);
      expect((await day.bot.eventsOf('OrderFilled')).length).toBeGreaterThan(1);
      expect((await day.bot.eventsOf('ReconciliationCompleted')).map(({ data }) => data.ok)).toEqual([true]);
    },
  );
});
