import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync } from 'node:fs';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { builtPrograms } from '../../src/processes/main/programs.js';
import type { EngineHome } from '../support/engine-home.js';
import { eventually } from '../support/eventually.js';
import type { LiveBot } from './support/live-bot.js';
import * as program from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

const PROGRAMS = Object.values(builtPrograms(program.ROOT)).map(({ file }) => file);

let home: EngineHome;
let bot: LiveBot;
beforeAll(program.buildOnce);
afterEach(async () => {
  await bot.kill9();
  // an engine with open positions outlives main; it writes until it ends
  for (const pid of processesOf(bot.home, PROGRAMS)) process.kill(pid, 'SIGKILL');
  await eventually('all processes are gone', () => processesOf(bot.home, PROGRAMS).length === 0);
});
afterAll(program.removeScratch);

async function tradingBot(): Promise<void> {
  const made = await botInTheOpenWindow(program.scratchFolder(), 10);
  [home, bot] = [made.home, made.bot];
  await startTrading(bot, home);
}

/** Ids of a process and of its children. */
const family = (pid: number): readonly number[] => [
  pid,
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
];

/** Number of TCP ports that a process listens on. */
function ports(pid: number): number {
  const listening = ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A')
      .map((fields) => `socket:[${fields[9]}]`),
  );
  const held = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return held.filter((name) => listening.includes(name)).length;
}

describe('signals to a bot that trades', () => {
  test('no signal opens an inspector or ends a process; only the web listens', async () => {
    await tradingBot();
    const pids = family(bot.pid!);
    expect(pids.length).toBeGreaterThanOrEqual(4);
    const before = pids.map(ports);
    expect(before.reduce((sum, n) => sum + n, 0)).toBe(1);
    for (const signal of ['SIGUSR1', 'SIGQUIT', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR'] as const)
      for (const pid of pids) process.kill(pid, signal);
    for (const pid of pids.slice(1)) process.kill(pid, 'SIGUSR2');
    // the inspector opens at once; the next beats of all processes are later than that
    const alive = readFileSync(basePaths(bot.home).output.health, 'utf8');
    await eventually('main is heard again', () => readFileSync(basePaths(bot.home).output.health, 'utf8') !== alive);
    expect(family(bot.pid!)).toEqual(pids);
    expect(pids.map(ports)).toEqual(before);
    expect(await home.eventsOf('ProcessCrashed')).toEqual([]);
  });

  test('SIGUSR2 to main kills without any file, also when the folder of the flags was taken away', async () => {
    await tradingBot();
    const { control, home: root } = basePaths(bot.home);
    renameSync(control.dir, `${root}/taken-away`);
    process.kill(bot.pid!, 'SIGUSR2');
    await eventually('the bot is stopped', async () => {
      const states = await home.eventsOf('BotStateChanged');
      return states.at(-1)?.data.to === 'stopped';
    });
    const [asked] = (await home.eventsOf('BotStateChanged')).filter(({ data }) => data.reason.includes('SIGUSR2'));
    expect(asked?.meta.actor).toBe('user:local');
    await eventually('the folder is there again', () => existsSync(control.dir));
  });
});
