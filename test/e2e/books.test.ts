import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BookTaskState } from '../../src/processes/ipc/messages.js';
import type { EngineHome } from '../support/engine-home.js';
import { testNeeding, tool } from '../support/needs.js';
import { ofxSchemas } from '../support/shared-data.js';
import { addUser } from './support/add-user.js';
import { logIn, PASSWORD, type LiveBot, type Reply } from './support/live-bot.js';
import { buildOnce, removeScratch, scratchFolder, tradebot } from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

const DAY = '2013-10-07';
const FORMATS = ['ofx', 'csv', 'json', 'hledger', 'beancount'] as const;
/** As many seconds of the world a second: a session has more than an hour of ours. */
const SLOW = 5;

type Task = BookTaskState & Record<'summary' | 'file', string | null> & { readonly findings: readonly string[] };

beforeAll(buildOnce);
afterAll(async () => {
  await bot.kill9();
  await removeScratch();
});

/** What a user of the pages asks, by a session of theirs. */
class Person {
  constructor(
    private readonly bot: LiveBot,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  static async of(bot: LiveBot, name: string, password = PASSWORD): Promise<Person> {
    let headers: Readonly<Record<string, string>> | undefined;
    await bot.eventually(`a session of ${name}`, async () => {
      const { cookie, csrf, status } = await logIn(bot, password, name);
      if (status === 200) headers = { cookie, 'x-csrf-token': csrf };
      return headers !== undefined;
    });
    return new Person(bot, headers ?? {});
  }

  /** A user whom an admin made replaces the password before anything else. */
  static async madeByAnAdmin(bot: LiveBot, name: string): Promise<Person> {
    const first = await Person.of(bot, name);
    const password = `${PASSWORD} and a drum`;
    const changed = await bot.call('POST', '/api/auth/password', { current: PASSWORD, password }, first.headers);
    expect(changed.status).toBeLessThan(300);
    return Person.of(bot, name, password);
  }

  get(path: string): Promise<Reply> {
    return this.bot.call('GET', path, undefined, this.headers);
  }

  async ask(path: string, body: object = {}): Promise<string> {
    const reply = await this.bot.call('POST', path, body, this.headers);
    if (reply.status !== 202) throw new Error(`${path}: ${reply.status} ${reply.text}`);
    return String(reply.body['taskId']);
  }

  async task(id: string): Promise<Task> {
    return (await this.get(`/api/books/tasks/${id}`)).body as unknown as Task;
  }

  /** Waits until the task has ended. */
  async outcome(id: string): Promise<Task> {
    let task: Task | undefined;
    await this.bot.eventually(
      `the end of task ${id}`,
      async () => {
        const found = await this.get(`/api/books/tasks/${id}`);
        if (found.status === 200) task = found.body as unknown as Task;
        return task !== undefined && !['waiting', 'running'].includes(task.state);
      },
      240_000,
    );
    return task!;
  }

  async does(path: string, body: object = {}): Promise<Task> {
    return this.outcome(await this.ask(path, body));
  }
}

/** One bot for the file, in an open session with open positions. */
let bot: LiveBot;
let home: EngineHome;
let admin: Person;

describe('the books of a running bot, in an open session with open positions', () => {
  let accountant: Person;
  let engine: number | undefined;
  const files = new Map<string, string>();

  beforeAll(async () => {
    ({ bot, home } = await botInTheOpenWindow(scratchFolder(), SLOW));
    await addUser(home.made, [{ name: 'berta', role: 'accountant' }]);
    await startTrading(bot, home);
    accountant = await Person.madeByAnAdmin(bot, 'berta');
    admin = await Person.of(bot, 'anna');
    engine = await bot.pidOf('engine');
  });

  test('an accountant exports every format up to the last entry and downloads what the journal has', async () => {
    for (const format of FORMATS) {
      const made = await accountant.does('/api/exports', { format, from: DAY, to: 'now' });
      expect(made).toMatchObject({ state: 'done', code: null });
      expect(made.findings.join(' ')).toContain(`The session of ${DAY} is open`);
      expect(existsSync(join(home.made.home, String(made.file)))).toBe(true);
    }
    const { body } = await accountant.get('/api/exports');
    const items = body['items'] as readonly Readonly<Record<string, string>>[];
    expect(items.map(({ format }) => format)).toEqual([...FORMATS].reverse());
    for (const { href = '', sha256, fileName = '', format = '', to = '' } of items) {
      const file = await accountant.get(href);
      expect([file.status, createHash('sha256').update(file.text).digest('hex')]).toEqual([200, sha256]);
      expect(Date.parse(to)).toBeLessThanOrEqual(bot.clock.now().getTime());
      files.set(format, join(home.made.home, fileName));
      writeFileSync(join(home.made.home, fileName), file.text);
    }
    expect((await accountant.get('/api/exports/ofx/session_2013-10-07')).status).toBe(404);
  });

  testNeeding(tool('hledger'))('hledger takes the export of an open session', () => {
    expectAccepted('hledger', ['-f', files.get('hledger') ?? '', 'check', '--strict']);
  });

  testNeeding(tool('ofxdump'))('ofxdump takes the export of an open session', () => {
    expectAccepted('ofxdump', [files.get('ofx') ?? '']);
  });

  testNeeding(tool('xmllint'), ofxSchemas)('xmllint with the OFX 2.0.1 DTD takes the export of an open session', () => {
    const dtd = join(ofxSchemas.path, 'ofx201.dtd');
    expectAccepted('xmllint', ['--noout', '--dtdvalid', dtd, files.get('ofx') ?? '']);
  });

  test('an accountant verifies and checks, and does not seal, rebuild or back up', async () => {
    expect(await accountant.does('/api/books/verify')).toMatchObject({ state: 'done' });
    expect(await accountant.does('/api/books/check')).toMatchObject({ state: 'done' });
    for (const path of ['/api/books/seal', '/api/books/rebuild', '/api/backups']) {
      await expect(accountant.ask(path)).rejects.toThrow('403');
    }
  });

  test('an admin seals, backs up and rebuilds what was changed', async () => {
    expect(await admin.does('/api/books/seal')).toMatchObject({ state: 'done' });
    expect(await admin.does('/api/backups')).toMatchObject({ state: 'done' });
    const { tradeHistoryCsv } = home.made.paths.output;
    writeFileSync(tradeHistoryCsv, 'changed');
    const checked = await admin.does('/api/books/check', { name: 'trade-history' });
    expect([checked.state, checked.findings.length > 0]).toEqual(['differs', true]);
    expect(await admin.does('/api/books/rebuild')).toMatchObject({ state: 'done' });
    expect(await admin.does('/api/books/check')).toMatchObject({ state: 'done' });
    expect(readFileSync(tradeHistoryCsv, 'utf8')).not.toBe('changed');
    await expect(admin.ask('/api/books/rebuild', { name: 'nothing' })).rejects.toThrow(/: 422 .*UNKNOWN_PROJECTION/);
  });

  test('the commands do the same at the terminal, and none is refused because the bot runs', async () => {
    const commands: readonly (readonly [number, ...string[]])[] = [
      [0, 'export', 'hledger', '--from', DAY, '--to', DAY],
      [0, 'seal'],
      [0, 'rebuild', 'all'],
      [0, 'rebuild', 'all', '--check'],
      [0, 'backup'],
      [0, 'verify'],
      [1, 'rebuild', 'nothing'],
      [1, 'export', 'csv', '--session', DAY],
    ];
    const done: Record<string, unknown>[] = [];
    for (const [code, ...args] of commands) {
      const said = await tradebot(...args, '--home', home.made.home, '--json');
      expect([args, said.code, said.err]).toEqual([args, code, code === 0 ? said.err : expect.any(String)]);
      done.push(code === 0 ? (JSON.parse(said.out) as Record<string, unknown>) : { said: said.err });
    }
    const [exported, sealed, rebuilt, checked] = done;
    expect(exported).toMatchObject({ ok: true, format: 'hledger', openSession: DAY, evidence: [] });
    expect(readFileSync(String(exported?.['path']), 'utf8')).toContain(DAY);
    expect(existsSync(String(sealed?.['path']))).toBe(true);
    expect(rebuilt).toMatchObject({ ok: true, evidence: [] });
    expect(checked).toMatchObject({ ok: true });
    for (const [at, code] of ['UNKNOWN_PROJECTION', 'SESSION_NOT_CLOSED'].entries()) {
      expect(done[6 + at]?.['said']).toContain(code);
    }
    const asked = (await home.eventsOf('BookTaskStarted')).filter(({ meta }) => meta.actor === 'user:local');
    expect(asked.map(({ data }) => data.kind)).toEqual(['export', 'seal', 'rebuild', 'check', 'export']);
  });

  test('nothing of it stopped or disturbed the trading', async () => {
    expect([await bot.pidOf('engine'), await home.eventsOf('ProcessCrashed')]).toEqual([engine, []]);
    expect((await home.read((journal) => journal.verify())).ok).toBe(true);
  });
});

describe('kill -9 while the bot works on its books', () => {
  const wholeAgain = async (task: string): Promise<void> => {
    expect(['cut_off', 'done']).toContain((await admin.outcome(task)).state);
    const { state, summary } = await admin.does('/api/books/check');
    expect([state, state === 'done' ? null : summary]).toEqual(['done', null]);
  };

  test.each([
    ['projector', '/api/books/rebuild'],
    ['worker', '/api/books/verify'],
  ])('of the %s, which leaves whole files and an outcome', async (victim, path) => {
    const task = await admin.ask(path);
    await bot.eventually(`a ${victim} at work`, async () => {
      const { state } = await admin.task(task);
      const pid = state === 'running' ? await bot.pidOf(victim) : undefined;
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      return pid !== undefined || !['waiting', 'running'].includes(state);
    });
    await wholeAgain(task);
  });

  test('of main, whose successor says that the task was cut off', async () => {
    const tasks = [
      await admin.ask('/api/books/rebuild'),
      await admin.ask('/api/exports', { format: 'ofx', from: DAY, to: DAY }),
    ];
    await bot.kill9();
    await bot.start();
    admin = await Person.of(bot, 'anna');
    for (const task of tasks) await wholeAgain(task);
    const crashed = (await home.eventsOf('ProcessCrashed')).map(({ data }) => data.process);
    expect(crashed).not.toContain('engine');
    expect(await admin.does('/api/exports', { format: 'ofx', from: DAY, to: DAY })).toMatchObject({ state: 'done' });
    expect(await bot.stop()).toBe(0);
    expect((await home.read((journal) => journal.verify())).ok).toBe(true);
  });
});

function expectAccepted(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  expect([done.status, /ERROR.*/u.exec(done.stderr)?.[0]]).toEqual([0, undefined]);
}
