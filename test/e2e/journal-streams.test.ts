import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { sideFiles } from '../../src/adapters/files/side-file.js';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { STREAMS } from '../../src/events/streams.js';
import { builtPrograms } from '../../src/processes/main/programs.js';
import type { EngineHome } from '../support/engine-home.js';
import { EsdbDouble } from '../support/esdb-double/double.js';
import { Stranger } from '../support/esdb-double/stranger.js';
import { eventually } from '../support/eventually.js';
import type { LiveBot } from './support/live-bot.js';
import { buildOnce, removeScratch, ROOT, scratchFolder, tradebot } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

const PROGRAMS = Object.values(builtPrograms(ROOT)).map(({ file }) => file);

let double: EsdbDouble;
let stranger: Stranger;
let bot: LiveBot;
let home: EngineHome;
beforeAll(buildOnce);
beforeEach(async () => {
  double = await EsdbDouble.start();
  stranger = new Stranger(double.url);
});
afterEach(async () => {
  await bot.kill9();
  for (const pid of processesOf(bot.home, PROGRAMS)) process.kill(pid, 'SIGKILL');
  await eventually('all processes are gone', () => processesOf(bot.home, PROGRAMS).length === 0);
  await stranger.end();
  double.stop();
});
afterAll(removeScratch);

const shown = (): string => readFileSync(basePaths(bot.home).output.health, 'utf8');
const nameOf = (stream: string): string => `${home.made.identity}-${stream}`;
const ofTheEngine = async (): Promise<number> =>
  (await home.events()).filter(({ meta }) => meta.actor === 'system:engine').length;

/** Carries out the command that a condition prints. */
async function obey(code: string, ...more: readonly string[]): Promise<void> {
  const conditions = (JSON.parse(shown()) as { conditions: { code: string; remedy: string }[] }).conditions;
  const remedy = conditions.find((condition) => condition.code === code)?.remedy ?? '';
  const command = /tradebot (journal \S+ \S+?)[;.]? /.exec(`${remedy} `)?.[1] ?? '';
  const args = [...command.split(' '), '--reason', 'a test', '--home', bot.home, ...more];
  expect(await tradebot(...args)).toMatchObject({ code: 0, err: '' });
}

/** '' before anybody wrote it: a projector that starts late has nothing to say of a journal that is lost. */
const stateIn = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

test('JRN-6: a running bot continues after an undo and an acknowledgement, and refuses a scavenged journal for good', async () => {
  const settings = { JOURNAL_URL: double.url, JOURNAL_OUTAGE_LIMIT: '5' };
  ({ bot, home } = await botInTheOpenWindow(scratchFolder(), 60, settings));
  await startTrading(bot, home);

  await stranger.setMetadata(nameOf(STREAMS.lifecycle), { $maxCount: 1 });
  await eventually(
    'main and engine say so',
    () => shown().includes('"STREAM_CUT"') && shown().includes('"JOURNAL_AWAY"'),
  );
  const before = await ofTheEngine();
  await obey('STREAM_CUT', '--yes');
  await eventually(
    'the conditions are gone',
    () => !shown().includes('"STREAM_CUT"') && !shown().includes('"JOURNAL_AWAY"'),
  );
  await eventually('the engine continues', async () => (await ofTheEngine()) > before + 3);
  const [outage] = await home.eventsOf('JournalOutageBegan');
  expect(outage?.data.cause).toContain('stream lifecycle hides events by $maxCount 1');

  const session = (await home.events()).findLast(({ stream }) => stream.startsWith('session'))?.stream ?? '';
  await stranger.append(nameOf(session), { type: 'Theirs' });
  await eventually('main says so', () => shown().includes('"STREAM_BLOCKED"'));
  await obey('STREAM_BLOCKED');
  await eventually(
    'nothing is held',
    () => !shown().includes('"STREAM_BLOCKED"') && !shown().includes('"JOURNAL_AWAY"'),
  );
  const acknowledged = (await home.eventsOf('ForeignEventsAcknowledged'))[0];
  expect(acknowledged).toMatchObject({ stream: session, data: { reason: 'a test' } });
  await home.until(
    'the engine writes behind them',
    (event) => event.stream === session && event.revision > acknowledged!.revision,
  );
  expect(await home.states()).not.toEqual(expect.arrayContaining(['emergency_closing_positions']));
  expect((await home.state()).botState).not.toMatch(/error|stopped|closing/);

  await stranger.setMetadata(nameOf(STREAMS.lifecycle), { $maxCount: 1 });
  await eventually('main says so', () => shown().includes('"STREAM_CUT"'));
  double.store.scavenge();
  await stranger.setMetadata(nameOf(STREAMS.lifecycle), {});
  await eventually('main names what is gone', () =>
    /revisions 0 to \d+ of stream lifecycle are gone/.test(bot.printed),
  );
  // the engine still has the state: it stops the bot after the limit, and says so without the journal
  const { botState, lastCommand } = basePaths(bot.home).control;
  await eventually('the bot is stopped', () => stateIn(botState) === 'stopped\n');
  expect(readFileSync(home.made.paths.storage.outageSpool, 'utf8')).toContain('"to":"stopped"');
  expect(shown()).toContain('"JOURNAL_LOST"');
  await tradebot('kill', '--home', bot.home);
  await eventually('a kill has its outcome', () => existsSync(lastCommand));
  expect(JSON.parse(readFileSync(lastCommand, 'utf8'))).toMatchObject({ command: 'kill' });
});

test('RUN-42: events are gone while positions are open: the engine keeps them, and without it they are closed with the broker alone', async () => {
  const settings = { JOURNAL_URL: double.url, JOURNAL_OUTAGE_LIMIT: '3600' };
  // slow enough that the positions stay open while the commands run
  ({ bot, home } = await botInTheOpenWindow(scratchFolder(), 20, settings));
  await startTrading(bot, home);
  await stranger.setMetadata(nameOf(STREAMS.lifecycle), { $maxCount: 1 });
  await eventually('the engine holds entries', () => shown().includes('"JOURNAL_AWAY"'));
  double.store.scavenge();
  await tradebot('journal', 'undo', STREAMS.lifecycle, '--yes', '--reason', 'a test', '--home', bot.home);
  await eventually('the status says so', () => shown().includes('"JOURNAL_LOST"'));
  const kept = (): string => readFileSync(home.made.paths.storage.outageSpool, 'utf8');
  expect(kept()).toContain('"JournalOutageBegan"');
  expect(shown()).not.toContain('"ENGINE_ABSENT"');
  const engines = processesOf(bot.home, [builtPrograms(ROOT).engine.file]);
  expect(engines).toHaveLength(1);
  for (const pid of engines) process.kill(pid, 'SIGKILL');
  const { botState } = basePaths(bot.home).control;
  await eventually('the bot is in error', () => stateIn(botState) === 'error\n', { patienceMs: 60_000 });
  await eventually(
    'everything is closed',
    () => bot.printed.includes('closed with the broker alone, everything is closed'),
    {
      patienceMs: 60_000,
    },
  );
  const [record] = sideFiles(home.made.paths.storage.breakGlass, home.made.identity);
  expect(record?.lines.at(-1)?.fact).toEqual({ kind: 'ended', flat: true, open: [] });
  // unless a stop or an exit had closed them before: the engine kept that
  const closedAlone = record?.lines.some(({ fact }) => fact.kind === 'intended');
  expect(closedAlone === true || kept().includes('"PositionClosed"')).toBe(true);
});
