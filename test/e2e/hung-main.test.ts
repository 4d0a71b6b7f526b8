import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFlag } from '../../src/adapters/flags/write-flag.js';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import type { EngineHome } from '../support/engine-home.js';
import type { LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

let bot: LiveBot;
beforeAll(buildOnce);
afterEach(async () => {
  await bot.kill9();
});
afterAll(removeScratch);

async function trading(): Promise<EngineHome> {
  const made = await botInTheOpenWindow(scratchFolder(), 120);
  bot = made.bot;
  await startTrading(bot, made.home);
  return made.home;
}

describe('main hangs (SIGSTOP)', () => {
  test('the engine obeys a kill flag itself, journals it, and main does not obey it again', async () => {
    const home = await trading();
    const { control } = home.made.paths;
    process.kill(bot.pid!, 'SIGSTOP');
    try {
      writeFlag('kill', { control, clock: new SystemClock(), by: null });
      await home.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
      const state = await home.state();
      expect([...state.positions.values()].filter(({ quantity }) => !quantity.isZero())).toEqual([]);
      expect(state.liveOrders.size).toBe(0);
      await bot.eventually('the flag is gone', () => !existsSync(control.flag('control_kill.flag')));
    } finally {
      process.kill(bot.pid!, 'SIGCONT');
    }
    await bot.eventually('the page shows it', async () => (await bot.state()) === 'stopped');
    const consumed = await home.eventsOf('ControlFlagConsumed');
    expect(consumed.map(({ data, meta }) => [data.command, data.outcome, meta.actor])).toEqual([
      ['kill', 'obeyed', 'system:engine'],
    ]);
    const states = await home.states();
    expect(states.filter((to) => to === 'emergency_closing_positions')).toHaveLength(1);
    const killed = (await home.eventsOf('BotStateChanged')).find(
      ({ data }) => data.to === 'emergency_closing_positions',
    );
    expect(killed?.meta.actor).toBe('user:local');
    // The flags of a main that works again are its own.
    writeFlag('start', { control, clock: new SystemClock(), by: null });
    await bot.eventually('idle', async () => (await home.states()).slice(states.length).includes('idle'));
    await bot.eventually('both flags have an outcome', async () => {
      return (await home.eventsOf('ControlFlagConsumed')).length === 2;
    });
    const last = (await home.eventsOf('ControlFlagConsumed')).at(-1);
    expect([last?.data.command, last?.data.outcome, last?.meta.actor]).toEqual(['start', 'obeyed', 'system:main']);
    expect(await bot.stop()).toBe(0);
    expect((await home.read((journal) => journal.verify())).ok).toBe(true);
  });
});
