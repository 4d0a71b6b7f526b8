import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BOTH_WAYS, EngineHome } from '../support/engine-home.js';
import { LiveBot, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import { botInTheOpenWindow, IN_THE_OPEN_WINDOW, LONG_ENTRIES, startTrading } from './support/trading-bot.js';

beforeAll(buildOnce);
afterAll(removeScratch);

describe('a program that is killed', () => {
  test('while SIGTERM closes its positions, it continues to trade at the next start', async () => {
    const { bot, home } = await botInTheOpenWindow(scratchFolder(), 60);
    try {
      await startTrading(bot, home);
      const pids = [await bot.pidOf('engine'), bot.pid];
      const gone = bot.stop();
      await home.until('the closing of positions', ({ type, data }) => {
        return type === 'BotStateChanged' && 'resumes' in data;
      });
      for (const pid of pids) if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await gone;
      await bot.start();
      expect(['idle', 'analyzing', 'trading', 'monitoring']).toContain(
        await bot.until('stopped', 'error', 'idle', 'analyzing', 'trading', 'monitoring'),
      );
      const reasons = (await home.eventsOf('BotStateChanged')).map(({ data }) => data.reason);
      expect(reasons).toContain('TradeBot was started again');
    } finally {
      await bot.stop();
    }
  });

  test('and started with an earlier clock, it starts at the time that the refusal names', async () => {
    const folder = scratchFolder();
    const home = await EngineHome.make(folder, IN_THE_OPEN_WINDOW, { settings: { ...BOTH_WAYS, ...LONG_ENTRIES } });
    const first = new LiveBot(folder, new WorldClock(IN_THE_OPEN_WINDOW, 60));
    await startTrading(first, home);
    await first.kill9();
    const second = new LiveBot(folder, new WorldClock('2013-10-07T12:00:00.000Z', 60));
    try {
      await second.start();
      expect(second.clock.now().getTime()).toBeGreaterThan(Date.parse(IN_THE_OPEN_WINDOW));
    } finally {
      await second.stop();
    }
  });
});
