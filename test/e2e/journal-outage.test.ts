import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { isFlat } from '../../src/domain/session/trading-permissions.js';
import { builtPrograms } from '../../src/processes/main/programs.js';
import type { EngineHome } from '../support/engine-home.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { eventually } from '../support/eventually.js';
import type { LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, ROOT, scratchFolder } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

const PROGRAMS = Object.values(builtPrograms(ROOT)).map(({ file }) => file);

let double: EsdbDouble;
let bot: LiveBot;
let home: EngineHome;
beforeAll(buildOnce);
beforeEach(async () => {
  double = await EsdbDouble.start();
});
afterEach(async () => {
  await killAll();
  double.stop();
});
afterAll(removeScratch);

async function killAll(): Promise<void> {
  await bot.kill9();
  for (const pid of processesOf(bot.home, PROGRAMS)) process.kill(pid, 'SIGKILL');
  await eventually('all processes are gone', () => processesOf(bot.home, PROGRAMS).length === 0);
}

const shown = (): string => readFileSync(basePaths(bot.home).output.health, 'utf8');

/** Facts by the time of the machine: on a busy one the engine of a fast world is behind it. */
const OF_THE_MACHINE: readonly string[] = ['ProcessStarted', 'WatchdogStateChanged'];

test('RUN-42: the server is away for longer than the limit: positions are closed without it, and its books are right', async () => {
  const settings = { JOURNAL_URL: double.url, JOURNAL_OUTAGE_LIMIT: '6' };
  ({ bot, home } = await botInTheOpenWindow(scratchFolder(), 60, settings));
  await startTrading(bot, home);
  await double.halt();
  await eventually('main says so', () => shown().includes('"JOURNAL_AWAY"'));
  const kept = (): string => readFileSync(home.made.paths.storage.outageSpool, 'utf8');
  await eventually('everything is closed', () => kept().includes('"to":"stopped"'));
  expect(kept()).toContain('"PositionClosed"');
  expect(shown()).toContain('events wait in the home');
  await double.resume();
  await home.until('stopped', (event) => event.type === 'BotStateChanged' && event.data.to === 'stopped');
  await eventually('main says no more', () => !shown().includes('"JOURNAL_AWAY"'));
  await home.until('the end of the outage', ({ type }) => type === 'JournalOutageEnded');
  const [ended] = await home.eventsOf('JournalOutageEnded');
  expect(ended?.data.orders).toBeGreaterThan(0);
  const engines = (await home.eventsOf('ProcessCrashed')).filter(({ data }) => data.process === 'engine');
  expect(engines).toEqual([]);
  expect(await bot.stop()).toBe(0);
  const executions = (await home.eventsOf('OrderFilled')).map(({ data }) => data.executionId);
  expect(new Set(executions).size).toBe(executions.length);
  const orders = (await home.eventsOf('OrderIntended')).map(({ data }) => data.clientOrderId);
  expect(new Set(orders).size).toBe(orders.length);
  expect(await home.eventsOf('BooksMismatchFound')).toEqual([]);
  expect(isFlat(await home.state())).toBe(true);
  expect(await home.read((journal) => journal.verify())).toMatchObject({ ok: true });
});

test('RUN-42: the server does not answer when the bot starts: a kill closes everything, and the bot is up when the server is', async () => {
  ({ bot, home } = await botInTheOpenWindow(scratchFolder(), 60, { JOURNAL_URL: double.url }));
  await startTrading(bot, home);
  await double.halt();
  // what the engine learns now is in the spool, and has to come first
  await eventually('the engine keeps', () => existsSync(home.made.paths.storage.outageSpool));
  await killAll();
  const { botState, lastCommand } = basePaths(bot.home).control;
  writeFileSync(join(dirname(botState), 'control_kill.flag'), '');
  const starting = bot.start();
  await eventually('the kill is done', () => existsSync(lastCommand));
  expect(JSON.parse(readFileSync(lastCommand, 'utf8'))).toMatchObject({ outcome: 'closed_without_journal', open: [] });
  await double.resume();
  await starting;
  const stopped = await home.until(
    'stopped',
    ({ type, data }) => type === 'BotStateChanged' && 'to' in data && data.to === 'stopped',
  );
  expect(await bot.stop()).toBe(0);
  const events = await home.events();
  const brought = events.filter(
    ({ occurredAt, type }) => occurredAt < stopped.occurredAt && !OF_THE_MACHINE.includes(type),
  );
  expect(brought.filter(({ recordedAt, occurredAt }) => recordedAt < occurredAt)).toEqual([]);
  const executions = (await home.eventsOf('OrderFilled')).map(({ data }) => data.executionId);
  expect(new Set(executions).size).toBe(executions.length);
  expect(await home.eventsOf('BooksMismatchFound')).toEqual([]);
  expect(isFlat(await home.state())).toBe(true);
});

test('RUN-42: the server is frozen when an engine, then the bot, starts: a kill closes everything before it answers', async () => {
  ({ bot, home } = await botInTheOpenWindow(scratchFolder(), 60, { JOURNAL_URL: double.url }));
  await startTrading(bot, home);
  double.freeze();
  for (const pid of processesOf(bot.home, [builtPrograms(ROOT).engine.file])) process.kill(pid, 'SIGKILL');
  const { botState, lastCommand } = basePaths(bot.home).control;
  writeFileSync(join(dirname(botState), 'control_kill.flag'), '');
  const closed = { outcome: 'closed_without_journal', open: [] };
  // the client itself gives up after 85 s
  const soon = { patienceMs: 60_000 };
  await eventually('the kill is done', () => existsSync(lastCommand), soon);
  expect(JSON.parse(readFileSync(lastCommand, 'utf8'))).toMatchObject(closed);
  await killAll();
  rmSync(lastCommand);
  const starting = bot.start();
  await eventually('main does it too', () => existsSync(lastCommand), soon);
  expect(JSON.parse(readFileSync(lastCommand, 'utf8'))).toMatchObject(closed);
  double.thaw();
  await starting;
  await home.until('stopped', ({ type, data }) => type === 'BotStateChanged' && 'to' in data && data.to === 'stopped');
  expect(await bot.stop()).toBe(0);
  expect(await home.eventsOf('BooksMismatchFound')).toEqual([]);
  expect(isFlat(await home.state())).toBe(true);
});
