import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFlag } from '../../src/adapters/flags/write-flag.js';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { startChild } from '../contract/support/children.js';
import type { EngineHome } from '../support/engine-home.js';
import type { LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

beforeAll(buildOnce);
afterAll(removeScratch);

interface Locked {
  readonly bot: LiveBot;
  readonly home: EngineHome;
}

/** Bots start one after the other: three at once would starve each other of their time to come up. */
let starts: Promise<void> = Promise.resolve();

/** Another process holds a write transaction on the journal of a bot with a position for `s` seconds. */
async function throughLock<T>(
  s: number,
  during: (locked: Locked) => void,
  afterwards: (locked: Locked & { readonly before: number }) => Promise<T>,
): Promise<T> {
  const { bot, home } = await botInTheOpenWindow(scratchFolder(), 60);
  let holder: ChildProcess | undefined;
  try {
    await (starts = starts.then(() => startTrading(bot, home)));
    holder = startChild('test/e2e/support/hold-lock.ts', home.made.paths.storage.journalDb);
    if (holder.stdout !== null) await once(holder.stdout, 'data');
    const before = (await home.events()).length;
    during({ bot, home });
    await pause(s * 1_000);
    const flag = existsSync(home.made.paths.control.flag('control_kill.flag'));
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(flag).toBe(during === kill);
    return await afterwards({ bot, home, before });
  } finally {
    holder?.kill('SIGKILL');
    await bot.kill9();
  }
}

const kill = ({ home }: Locked): void => {
  writeFlag('kill', { control: home.made.paths.control, clock: new SystemClock(), by: null });
};

const stopped = ({ home }: Locked): Promise<unknown> =>
  home.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');

async function afterKill(locked: Locked & { readonly before: number }): Promise<object> {
  const { bot, home, before } = locked;
  await stopped(locked);
  const state = await home.state();
  await bot.eventually('the flag is gone', () => !existsSync(home.made.paths.control.flag('control_kill.flag')));
  const after = (await home.events()).slice(before);
  const intended = after.flatMap((event) => (event.type === 'OrderIntended' ? [event.data.purpose] : []));
  const consumed = await home.eventsOf('ControlFlagConsumed');
  return {
    open: [...state.positions.values()].filter(({ quantity }) => !quantity.isZero()).map(({ symbol }) => symbol),
    liveOrders: state.liveOrders.size,
    entries: intended.filter((purpose) => purpose === 'entry').length,
    outcomes: consumed.map(({ data }) => [data.command, data.outcome]),
    ended: await bot.stop(),
    chain: (await home.read((journal) => journal.verify())).ok,
  };
}

async function afterLongLock(locked: Locked): Promise<object> {
  const { bot, home } = locked;
  const after = await home.newest();
  await home.until('the engine writes again', ({ meta }) => meta.actor === 'system:engine', { after });
  const errors = (await home.states()).filter((to) => to === 'error').length;
  kill(locked);
  await stopped(locked);
  return { errors, ended: await bot.stop(), chain: (await home.read((journal) => journal.verify())).ok };
}

describe('another process holds the journal while positions are open', () => {
  let found: readonly PromiseSettledResult<object>[];

  // The three bots run at once: they wait for their locks most of the time.
  beforeAll(async () => {
    found = await Promise.allSettled([
      throughLock(12, kill, afterKill),
      throughLock(22, kill, afterKill),
      // each engine dies of the lock after about 5 s; the fifth death within minutes would have ended the restarts
      throughLock(45, () => undefined, afterLongLock),
    ]);
  });

  test.each([
    [12, 0],
    [22, 1],
  ])('for %i s, and a kill comes meanwhile: flat and stopped after it, nothing opened', (_s, at) => {
    const value = { open: [], liveOrders: 0, entries: 0, outcomes: [['kill', 'obeyed']], ended: 0, chain: true };
    expect(found[at]).toEqual({ status: 'fulfilled', value });
  });

  test('longer than an engine that fails would be started again: all processes recover by themselves', () => {
    expect(found[2]).toEqual({ status: 'fulfilled', value: { errors: 0, ended: 0, chain: true } });
  });
});
