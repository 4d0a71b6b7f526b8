import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { FLAG_TESTS } from '../../src/app/flags/flag.js';
import type { EventType, RecordedEvent } from '../../src/events/event.js';
import { epochMs } from '../../src/kernel/time.js';
import { provisionTestHome, type ProvisionedHome } from '../support/provision.js';
import * as program from './support/program.js';
import { eventually } from '../support/eventually.js';

let made: ProvisionedHome;
let bot: ChildProcess | undefined;

beforeAll(async () => {
  await program.buildOnce();
  const clock = { now: () => epochMs(Date.now()) };
  made = await provisionTestHome(`${program.scratchFolder()}/home`, {}, { clock });
  const journal = SqliteJournal.open({ path: made.paths.storage.journalDb, clock });
  const appender = new EventAppender({ journal, clock, identity: made.identity, actor: 'system:test' });
  await appender.changeBotState('started', 'the administrator has registered');
  await journal.close();
});

afterEach(async () => {
  const running = bot;
  if (running?.exitCode !== null) return;
  const gone = new Promise((resolve) => running.once('exit', resolve));
  running.kill('SIGTERM');
  await gone;
});
afterAll(program.removeScratch);

async function events<T extends EventType>(...types: readonly T[]): Promise<readonly RecordedEvent<T>[]> {
  const journal = SqliteJournal.open({ path: made.paths.storage.journalDb, clock: { now: () => epochMs(0) } });
  try {
    return (await journal.readAll({ filter: { types: [...types] } })) as unknown as readonly RecordedEvent<T>[];
  } finally {
    await journal.close();
  }
}

async function summaries(): Promise<readonly RecordedEvent<'TestRunEnded'>[]> {
  return (await events('TestRunEnded')).filter(({ data }) => data.test === 'all');
}

const word = (): string => {
  const { botState } = made.base.control;
  return existsSync(botState) ? readFileSync(botState, 'utf8').trim() : '';
};
const statusOf = (): Record<string, never> =>
  JSON.parse(readFileSync(made.paths.output.statusMirror, 'utf8')) as Record<string, never>;

test('a flag runs all checks next to the live bot, each with its start and end; the status shows run, checks and processes', async () => {
  bot = program.startTradebot(['run', '--port', '0', '--home', made.home]);
  await eventually('idle', () => word() === 'idle');
  expect((await events('BuildCheckCompleted')).at(-1)?.data).toMatchObject({ ok: true });
  expect((await events('SelfCheckCompleted')).at(-1)?.data).toMatchObject({ ok: true });
  // a web that a busy machine starts late is not running yet, and the check says so
  await eventually('the web runs', async () =>
    (await events('ProcessStarted')).some(({ data }) => data.process === 'web'),
  );
  writeFileSync(made.base.control.flag('test_mode.flag'), '');
  await eventually('the run has ended', async () => (await summaries()).length === 1, { patienceMs: 300_000 });
  const [ended] = await summaries();
  expect(ended?.data.results.filter(({ ok }) => !ok)).toEqual([]);
  expect(ended?.data.results.map(({ check }) => check)).toEqual([...FLAG_TESTS]);
  const ran = FLAG_TESTS.filter((name) => name !== 'coa_web_endpoints');
  expect((await events('TestRunStarted')).map(({ data }) => data.test)).toEqual(['all', ...ran]);
  expect((await events('TestRunEnded')).map(({ data }) => data.test)).toEqual([...ran, 'all']);
  await eventually('the flag is gone', () => !existsSync(made.base.control.flag('test_mode.flag')));
  expect(existsSync(made.base.storage.testRuns)).toBe(false);
  await eventually('the status has it', () => JSON.stringify(statusOf()['test_mode']).includes('"ok":true'));
  expect(statusOf()).toMatchObject({
    bot_state: 'idle',
    processes: { main: { state: 'running' }, engine: { state: 'running' }, projector: { state: 'running' } },
    checks: { build_failures: [], self_failures: [] },
    test_mode: { active: false, test: 'all', ok: true },
  });
  writeFileSync(made.base.control.flag('test_mode_main_bot.flag'), '');
  await eventually('the check has ended', async () => (await events('TestRunEnded')).at(-1)?.data.test === 'main_bot');
  expect((await events('TestRunEnded')).at(-1)?.data).toMatchObject({ test: 'main_bot', ok: true });
});

test('a home whose build check fails does not trade: error with every cause, and the files are unchanged', async () => {
  chmodSync(made.base.storage.keys, 0o755);
  bot = program.startTradebot(['run', '--port', '0', '--home', made.home]);
  await eventually('error', () => word() === 'error');
  const [failed] = (await events('BuildCheckCompleted')).filter(({ data }) => !data.ok);
  expect(failed?.data.checks.filter(({ ok }) => !ok)).toMatchObject([{ module: 'folders' }]);
  await eventually('critical', () => JSON.stringify(statusOf()['overall']).includes('build check: folders'));
});
