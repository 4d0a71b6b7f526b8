import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFlag } from '../../src/adapters/flags/write-flag.js';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { startChild } from '../contract/support/children.js';
import { BOTH_WAYS, EngineHome } from '../support/engine-home.js';
import { LiveBot, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';

/** Entries are made for two hours, so that a busy machine misses none. */
const LONG_ENTRIES = { OPEN_ANALYSIS_TIME: '5', OPEN_BREAKOUT_TIME: '100', OPEN_MONITORING_TIME: '40' };
const START = '2013-10-07T13:29:00.000Z';

let bot: LiveBot;
let holder: ChildProcess | undefined;
beforeAll(buildOnce);
afterEach(async () => {
  holder?.kill('SIGKILL');
  await bot.kill9();
});
afterAll(removeScratch);

async function trading(): Promise<EngineHome> {
  const folder = scratchFolder();
  const home = await EngineHome.make(folder, START, { settings: { ...BOTH_WAYS, ...LONG_ENTRIES } });
  bot = new LiveBot(folder, new WorldClock(START, 60));
  await bot.start();
  await home.until('a position', ({ type }) => type === 'PositionOpened');
  return home;
}

/** Another process holds a write transaction on the journal; resolves to what releases it. */
async function lockJournal(home: EngineHome): Promise<() => Promise<void>> {
  const child = startChild('test/e2e/support/hold-lock.ts', home.made.paths.storage.journalDb);
  holder = child;
  if (child.stdout !== null) await once(child.stdout, 'data');
  return async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
}

describe('another process holds the journal while positions are open', () => {
  test.each([12, 22])('for %i s, and a kill comes meanwhile: flat and stopped after it, nothing opened', async (s) => {
    const home = await trading();
    const { control } = home.made.paths;
    const release = await lockJournal(home);
    const before = (await home.events()).length;
    writeFlag('kill', { control, clock: new SystemClock(), by: null });
    await pause(s * 1_000);
    expect(existsSync(control.flag('control_kill.flag'))).toBe(true);
    await release();
    await home.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    const state = await home.state();
    expect([...state.positions.values()].filter(({ quantity }) => !quantity.isZero())).toEqual([]);
    expect(state.liveOrders.size).toBe(0);
    await bot.eventually('the flag is gone', () => !existsSync(control.flag('control_kill.flag')));
    const after = (await home.events()).slice(before);
    const intended = after.flatMap((event) => (event.type === 'OrderIntended' ? [event.data.purpose] : []));
    expect(intended.filter((purpose) => purpose === 'entry')).toEqual([]);
    const consumed = await home.eventsOf('ControlFlagConsumed');
    expect(consumed.map(({ data }) => [data.command, data.outcome])).toEqual([['kill', 'obeyed']]);
    expect(await bot.stop()).toBe(0);
    expect((await home.read((journal) => journal.verify())).ok).toBe(true);
  });

  test('longer than an engine that fails would be started again: all processes recover by themselves', async () => {
    const home = await trading();
    const release = await lockJournal(home);
    // each engine dies of the lock after about 5 s; the fifth death within minutes would have ended the restarts
    await pause(45_000);
    await release();
    const from = (await home.events()).length;
    await bot.eventually('the engine writes again', async () =>
      (await home.events()).slice(from).some(({ meta }) => meta.actor === 'system:engine'),
    );
    expect((await home.states()).filter((to) => to === 'error')).toEqual([]);
    writeFlag('kill', { control: home.made.paths.control, clock: new SystemClock(), by: null });
    await home.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
    expect(await bot.stop()).toBe(0);
    expect((await home.read((journal) => journal.verify())).ok).toBe(true);
  });
});
