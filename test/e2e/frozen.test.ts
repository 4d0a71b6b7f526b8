import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { FROZEN_MS } from '../../src/domain/schedule/clock-jump.js';
import { builtPrograms } from '../../src/processes/main/programs.js';
import type { EngineHome } from '../support/engine-home.js';
import { eventually } from '../support/eventually.js';
import type { LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, ROOT, scratchFolder } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

let bot: LiveBot;
beforeAll(buildOnce);
afterEach(async () => {
  await bot.kill9();
  // an engine with open positions outlives main; it writes until it ends
  for (const pid of processesOf(bot.home, PROGRAMS)) process.kill(pid, 'SIGKILL');
  await eventually('all processes are gone', () => processesOf(bot.home, PROGRAMS).length === 0);
});
afterAll(removeScratch);

async function trading(): Promise<EngineHome> {
  const made = await botInTheOpenWindow(scratchFolder(), 20);
  bot = made.bot;
  await startTrading(bot, made.home);
  return made.home;
}

const PROGRAMS = Object.values(builtPrograms(ROOT)).map(({ file }) => file);

/** Main and its children. */
function pids(): readonly number[] {
  return [bot.pid ?? 0, ...processesOf(bot.home, PROGRAMS)];
}

async function standStill(who: readonly number[], ms: number): Promise<void> {
  for (const pid of who) process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  for (const pid of who) process.kill(pid, 'SIGCONT');
}

/** Logs of processes have the time of the machine, and name that of the world. */
function expectOneClock(): void {
  for (const name of ['main_bot', 'heartbeat', 'start', 'stop', 'auth_web'] as const) {
    const [line = ''] = readFileSync(basePaths(bot.home).output.systemLog(name), 'utf8').split('\n');
    const { time, world } = JSON.parse(line) as { readonly time: string; readonly world: string };
    expect([name, world.slice(0, 10)]).toEqual([name, '2013-10-07']);
    expect(Math.abs(Date.now() - Date.parse(time))).toBeLessThan(3_600_000);
  }
}

describe('all processes stand still (SIGSTOP of the group, a frozen machine)', () => {
  test('none is replaced, the session continues, and the pause is one ClockJumped', async () => {
    const home = await trading();
    const before = pids();
    expect(before).toHaveLength(4);
    const jumps = async (): Promise<readonly string[]> =>
      (await home.eventsOf('ClockJumped')).map(({ data }) => data.kind);
    await standStill(before, FROZEN_MS + 2_000);
    await bot.eventually('the jump', async () => (await jumps()).length > 0);
    const at = (await home.events()).length;
    await bot.eventually('the session continues', async () => (await home.events()).length > at + 5);
    const log = readFileSync(basePaths(bot.home).output.systemLog('main_bot'), 'utf8');
    expect(log).toContain('main stood still');
    expect(pids()).toEqual(before);
    expect(await jumps()).toEqual(['slept']);
    expect(await home.eventsOf('ProcessCrashed')).toEqual([]);
    expect(await home.eventsOf('EngineSupervisionChanged')).toEqual([]);
    expect(await bot.stop()).toBe(0);
    expectOneClock();
  });
});
