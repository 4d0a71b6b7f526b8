import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { writeTestFlag } from '../../src/adapters/flags/write-flag.js';
import { FLAG_TESTS } from '../../src/app/flags/flag.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { EngineHome } from '../support/engine-home.js';
import { eventually } from '../support/eventually.js';
import { LiveBot, setUpBot, WorldClock } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder } from './support/program.js';

/** Saturday, the day after a half day. */
const AFTER_A_HALF_DAY = '2026-11-28T03:00:00.000Z';

let bot: LiveBot;
let home: EngineHome;

beforeAll(async () => {
  await buildOnce();
  const folder = scratchFolder();
  bot = new LiveBot(folder, new WorldClock(AFTER_A_HALF_DAY, 1));
  await bot.start();
  await setUpBot(bot);
  await bot.until('idle');
  home = EngineHome.at(folder);
});

afterAll(async () => {
  await bot.kill9();
  await removeScratch();
});

async function summaries(): Promise<readonly RecordedEvent<'TestRunEnded'>[]> {
  return (await home.eventsOf('TestRunEnded')).filter(({ data }) => data.test === 'all');
}

const statusOf = (): Record<string, never> =>
  JSON.parse(readFileSync(home.made.paths.output.statusMirror, 'utf8')) as Record<string, never>;

test('a new bot, on a weekend after a half day: a flag runs all checks next to it, each with its start and end, and the status shows them', async () => {
  const { control, storage } = home.made.base;
  await eventually('the processes are in the journal', async () => {
    const started = (await home.eventsOf('ProcessStarted')).map(({ data }) => data.process);
    return ['main', 'web', 'projector', 'engine'].every((name) => started.filter((one) => one === name).length === 1);
  });
  expect((await home.eventsOf('BuildCheckCompleted')).at(-1)?.data).toMatchObject({ ok: true });
  expect((await home.eventsOf('SelfCheckCompleted')).at(-1)?.data).toMatchObject({ ok: true });
  const flag = control.flag(writeTestFlag('all', { control, clock: new SystemClock(), by: null }));
  await eventually('the run has ended', async () => (await summaries()).length === 1, { patienceMs: 300_000 });
  const [ended] = await summaries();
  expect(ended?.data.results.filter(({ ok }) => !ok)).toEqual([]);
  expect(ended?.data.results.map(({ check }) => check)).toEqual([...FLAG_TESTS]);
  const ran = FLAG_TESTS.filter((name) => name !== 'coa_web_endpoints');
  expect((await home.eventsOf('TestRunStarted')).map(({ data }) => data.test)).toEqual(['all', ...ran]);
  expect((await home.eventsOf('TestRunEnded')).map(({ data }) => data.test)).toEqual([...ran, 'all']);
  await eventually('the flag is gone', () => !existsSync(flag));
  expect(existsSync(storage.testRuns)).toBe(false);
  await eventually('the status has it', () => JSON.stringify(statusOf()['test_mode']).includes('"ok":true'));
  expect(statusOf()).toMatchObject({
    bot_state: 'idle',
    processes: { main: { state: 'running' }, engine: { state: 'running' }, projector: { state: 'running' } },
    checks: { build_failures: [], self_failures: [] },
    test_mode: { active: false, test: 'all', ok: true },
  });
  await eventually('the flag is recorded', async () => (await home.eventsOf('ControlFlagConsumed')).length === 1);
  const [consumed] = await home.eventsOf('ControlFlagConsumed');
  expect(consumed?.data).toMatchObject({
    flag: 'test_mode.flag',
    outcome: 'obeyed',
    reason: 'the run ended, all passed',
  });
  // as a person does
  writeFileSync(control.flag('test_mode_main_bot.flag'), '');
  await eventually('the check has ended', async () => {
    return (await home.eventsOf('TestRunEnded')).at(-1)?.data.test === 'main_bot';
  });
  expect((await home.eventsOf('TestRunEnded')).at(-1)?.data).toMatchObject({ test: 'main_bot', ok: true });
  expect(await bot.stop()).toBe(0);
});

test('a home whose build check fails does not trade: error with every cause, and the files are unchanged', async () => {
  const { keys } = home.made.base.storage;
  chmodSync(keys, 0o755);
  await bot.start();
  await bot.until('error');
  const [failed] = (await home.eventsOf('BuildCheckCompleted')).filter(({ data }) => !data.ok);
  expect(failed?.data.checks.filter(({ ok }) => !ok)).toMatchObject([{ module: 'folders' }]);
  await eventually('critical', () => JSON.stringify(statusOf()['overall']).includes('build check: folders'));
});
