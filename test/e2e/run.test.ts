import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { SystemClock } from '../../src/adapters/clock/system-clock.js';
import { SqliteJournal } from '../../src/adapters/journal-sqlite/sqlite-journal.js';
import { EventAppender } from '../../src/app/journal/event-appender.js';
import { processesOf } from '../../src/adapters/home/running-processes.js';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { builtPrograms } from '../../src/processes/main/programs.js';
import { eventually } from '../support/eventually.js';
import { provisionTestHome } from '../support/provision.js';
import { LiveBot, setUpBot, WorldClock } from './support/live-bot.js';
import {
  buildOnce,
  ended,
  pathsOf,
  refusedRun,
  removeScratch,
  ROOT,
  scratchFolder,
  startTradebot,
  tradebot,
} from './support/program.js';

beforeAll(buildOnce);
afterAll(removeScratch);

const FILES = Object.values(builtPrograms(ROOT)).map(({ file }) => file);

async function journaled(path: string): Promise<number | undefined> {
  const journal = SqliteJournal.open({ path, clock: new SystemClock() });
  const head = await journal.head();
  await journal.close();
  return head?.count;
}

describe('tradebot run', () => {
  test('it prints the address of the setup page and a token, refuses a second instance and exits on SIGTERM', async () => {
    const home = scratchFolder();
    const child = startTradebot(['run', '--home', home, '--port', '0', '--json']);
    try {
      const end = ended(child);
      const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
      const up = JSON.parse(chunk.toString()) as { state: string; page: string; setupToken: string; address: string };
      expect(up).toMatchObject({ ok: true, state: 'initialize', page: `${up.address}/app/` });
      expect((await fetch(up.page)).status).toBe(200);
      expect((await fetch(`${up.address}/api/setup`)).status).toBe(200);
      const second = await tradebot('run', '--home', home, '--port', '0');
      expect([second.code, second.err]).toEqual([1, expect.stringContaining('HOME_IN_USE')]);
      child.kill('SIGTERM');
      expect(await end).toMatchObject({ code: 0, err: '' });
      expect(readFileSync(basePaths(home).control.botState, 'utf8')).toBe('initialize\n');
      expect(processesOf(home, FILES)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('a web that was killed restarts on the same free port; the end of a session writes a verified backup (RUN-25)', async () => {
    const home = scratchFolder();
    // The set-up takes its time; the world runs faster only once the session is open.
    const first = new LiveBot(home, new WorldClock('2013-10-07T18:00:00.000Z', 1));
    const bot = new LiveBot(home, new WorldClock('2013-10-07T19:55:00.000Z', 300));
    try {
      await first.start();
      await setUpBot(first);
      await first.eventually('a session', async () =>
        (await first.call('GET', '/api/journal/events?type=SessionOpened')).text.includes('"SessionOpened"'),
      );
      const web = await first.pidOf('web');
      process.kill(web!, 'SIGKILL');
      await first.eventually('another web at the same address', async () => {
        const now = await first.pidOf('web').catch(() => undefined);
        return now !== undefined && now !== web;
      });
      expect(await first.stop()).toBe(0);
      bot.token = first.token;
      await bot.start();
      await bot.eventually('the backup recorded in the journal', async () =>
        (await bot.call('GET', '/api/journal/events?type=BackupCompleted')).text.includes('"BackupCompleted"'),
      );
      const folder = pathsOf(home).sessionBackups;
      expect(readdirSync(folder)).toEqual([
        expect.stringMatching(/^journal_\d+\.db$/),
        expect.stringMatching(/\.json$/),
        'market',
      ]);
      expect(await bot.stop()).toBe(0);
      expect((await tradebot('rebuild', 'all', '--check', '--home', home)).code).toBe(0);
    } finally {
      await first.kill9();
      await bot.kill9();
    }
  });

  test('without a user: the page address and a token valid for this start only', async () => {
    const home = scratchFolder();
    await provisionTestHome(home);
    const anna = { name: 'anna', password: 'plum-Orbit-77-lantern' };
    const tokens: string[] = [];
    for (const start of ['first', 'second']) {
      const child = startTradebot(['run', '--home', home, '--port', '0', '--json']);
      try {
        const end = ended(child);
        const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
        const up = JSON.parse(chunk.toString()) as { page: string; setupToken: string; address: string };
        expect(up).toMatchObject({ state: 'registration', page: `${up.address}/app/` });
        tokens.push(up.setupToken);
        const ask = async (token: string): Promise<number> => {
          const headers = { 'content-type': 'application/json', 'x-setup-token': token };
          const url = `${up.address}/api/registration`;
          return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(anna) })).status;
        };
        expect(await ask('')).toBe(401);
        if (start === 'second') expect([await ask(tokens[0]!), await ask(tokens[1]!)]).toEqual([401, 201]);
        child.kill('SIGTERM');
        expect(await end).toMatchObject({ code: 0, err: '' });
      } finally {
        child.kill('SIGKILL');
      }
    }
  });

  test('a signal to the whole process group works like one to main, and all files are complete', async () => {
    const home = scratchFolder();
    const { paths, identity } = await provisionTestHome(home);
    const clock = new SystemClock();
    const journal = SqliteJournal.open({ path: paths.storage.journalDb, clock });
    await new EventAppender({ journal, clock, identity, actor: 'system:test' }).changeBotState('started', 'test');
    await journal.close();
    const child = spawn(
      process.execPath,
      [`${ROOT}/src/processes/cli/tradebot.mjs`, 'run', '--home', home, '--port', '0'],
      {
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    try {
      const end = once(child, 'exit');
      await once(child.stdout, 'data');
      // The pages may be up before the projector, which writes the state.
      await eventually('a state', () => existsSync(paths.control.botState));
      process.kill(-child.pid!, 'SIGTERM');
      expect(await end).toEqual([0, null]);
      expect(readFileSync(paths.control.botState, 'utf8')).toBe('shutdown\n');
      expect(processesOf(home, FILES)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('a port in use, a credential in .env and an invalid option: one line, and no process is left running', async () => {
    const home = scratchFolder();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const busy = await tradebot('run', '--home', home, '--port', String(port));
    other.close();
    expect([busy.code, busy.err.trim().split('\n').length]).toEqual([1, 1]);
    expect(busy.err).toContain(String(port));
    writeFileSync(`${home}/.env`, 'BROKER_PASSWORD=hunter2\n');
    const leaky = await tradebot('run', '--home', home);
    expect([leaky.code, leaky.err]).toEqual([1, expect.stringContaining('DOT_ENV_INVALID')]);
    expect(leaky.err + busy.err).not.toContain('hunter2');
    writeFileSync(`${home}/master.key`, 'short\n');
    for (const args of [
      ['--port', '70000'],
      ['--master-key-file', `${home}/master.key`],
      ['--clock-start', 'noon'],
      ['--tls-cert', '/x'],
      ['--clock-speed', '0'],
    ]) {
      const { code, err } = await refusedRun('--home', scratchFolder(), ...args);
      expect([code, err.trim().split('\n').length]).toEqual([1, 1]);
    }
    expect(processesOf(home, FILES)).toEqual([]);
  });

  test('a clock that starts before the last event is refused; nothing is written', async () => {
    const home = scratchFolder();
    const { paths } = await provisionTestHome(home);
    const before = await journaled(paths.storage.journalDb);
    const args = ['--clock-start', '2013-10-07T13:00:00Z', '--clock-speed', '60', '--port', '0'];
    const { code, err } = await tradebot('run', '--home', home, ...args);
    expect([code, err]).toEqual([1, expect.stringMatching(/CLOCK_BEFORE_JOURNAL.*another --home/)]);
    expect(await journaled(paths.storage.journalDb)).toBe(before);
  });

  test('start and stop need a running bot; an invalid home is refused by all commands', async () => {
    for (const command of ['start', 'stop', 'kill', 'status']) {
      const { code, err } = await tradebot(command, '--home', scratchFolder());
      expect([command, code, err]).toEqual([command, 1, expect.stringContaining('HOME_MISSING')]);
    }
  });
});
