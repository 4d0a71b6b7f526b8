import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, lstatSync, rmSync } from 'node:fs';
import { basePaths } from '../../src/domain/home/home-paths.js';
import { Decimal } from '../../src/kernel/decimal.js';
import type { EngineHome } from '../support/engine-home.js';
import { eventually } from '../support/eventually.js';
import { logIn, type LiveBot } from './support/live-bot.js';
import * as program from './support/program.js';
import { botInTheOpenWindow, startTrading } from './support/trading-bot.js';

let home: EngineHome;
let bot: LiveBot;
/** One bot for the file, which each test leaves running in an open session; the last one stops it. */
beforeAll(async () => {
  await program.buildOnce();
  ({ home, bot } = await botInTheOpenWindow(program.scratchFolder(), 10));
  await startTrading(bot, home);
});
afterAll(async () => {
  await bot.kill9();
  await program.removeScratch();
});

const tradebot = (...args: readonly string[]): Promise<program.Ended> => program.tradebot(...args, '--home', bot.home);

/** Direction, amount and actor of what was injected and returned, but the first `before` changes. */
async function floatChanges(before = 0): Promise<readonly (readonly string[])[]> {
  return (await home.eventsOf('FloatAdjusted'))
    .filter(({ data }) => data.source !== 'opening-balance')
    .slice(before)
    .map(({ data, meta }) => [data.direction, data.amount, meta.actor]);
}

const REASON = ['--reason', 'as agreed'];

describe('an owner at the shell while a session is open', () => {
  test('changes the float and books an entry without stopping the bot; each once, however often it is asked', async () => {
    const before = (await home.state()).float;

    const injected = await tradebot('float', 'inject', '500.50', ...REASON, '--request', 'once-and-only');
    expect(injected).toMatchObject({ code: 0, err: '' });
    const after = before.plus(Decimal.parse('500.50')).rounded(2, 'down').text();
    expect(injected.out).toContain(`float is now ${after};`);
    expect(injected.out).toContain('counts from the next session');
    const again = await tradebot('float', 'inject', '500.50', ...REASON, '--request', 'once-and-only');
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('booked before') });
    const other = await tradebot('float', 'inject', '500.51', ...REASON, '--request', 'once-and-only');
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('REQUEST_ID_USED') });
    expect(await tradebot('float', 'return', '100', ...REASON)).toMatchObject({ code: 0 });
    const adjusted = await tradebot('adjust', '--cash', '-0.35', '--account', '4055', ...REASON, '--json');
    expect(adjusted).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(adjusted.out)).toMatchObject({ ok: true, repeated: false });

    expect(await floatChanges()).toEqual([
      ['inject', '500.50', 'user:local'],
      ['return', '100.00', 'user:local'],
    ]);
    expect(await home.eventsOf('AdjustmentBooked')).toHaveLength(1);
    const { code, err } = await tradebot('reset', 'kill-switch', ...REASON);
    expect([code, err]).toEqual([1, expect.stringContaining('NOTHING_TO_RESET')]);
  });
});

describe('settings at the shell', () => {
  test('during a session a hot one is in force at once, a cold one waits, is shown, and can be withdrawn', async () => {
    const hot = await tradebot('settings', 'set', 'MAX_OPEN_POSITIONS=3', ...REASON);
    expect(hot).toMatchObject({ code: 0, out: 'MAX_OPEN_POSITIONS=3\n', err: '' });
    await eventually('the engine has it', async () =>
      (await home.eventsOf('ConfigChanged')).some(({ data }) => data.changes.some(({ to }) => to === '3')),
    );
    const cold = await tradebot('settings', 'set', 'MARKET_CLOSE=15:45', '--json');
    expect(cold).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(cold.out)).toMatchObject({
      changed: ['MARKET_CLOSE'],
      settings: [{ value: '', pending: { value: '15:45', by: 'user:local', reason: 'command line' } }],
    });
    expect((await tradebot('settings', 'get', 'MARKET_CLOSE')).out).toMatch(
      /^MARKET_CLOSE=; 15:45 from the next session \(user:local, .*: command line\)\n$/,
    );
    expect((await tradebot('settings', 'set', 'MARKET_CLOSE=15:45')).out).toContain('nothing to change');
    expect(await tradebot('settings', 'withdraw', 'MARKET_CLOSE', ...REASON)).toMatchObject({
      code: 0,
      out: 'MARKET_CLOSE=\n',
    });
    const meant = ['settings', 'set', 'MIN_PRICE=20', 'MAX_PRICE=20', '--confirm-no-trading'];
    expect(await tradebot(...meant)).toMatchObject({ code: 0, err: '' });
    const { out } = await tradebot('settings', 'history', '--limit', '4');
    expect(out.trim().split('\n')).toEqual([
      expect.stringContaining('confirmed'),
      expect.stringContaining('user:local, withdrawn: MARKET_CLOSE'),
      expect.stringContaining('user:local, pending: MARKET_CLOSE'),
      expect.stringMatching(/user:local, changed: MAX_OPEN_POSITIONS \d+ -> 3 \(as agreed\)/),
    ]);
  });
});

describe('a running bot that cannot answer', () => {
  test('one that stands still is reported within a bounded time, and what was asked of it is not done later', async () => {
    const { length: before } = await floatChanges();
    process.kill(bot.pid!, 'SIGSTOP');
    try {
      const { code, err } = await tradebot('float', 'inject', '5', ...REASON);
      expect([code, err]).toEqual([1, expect.stringContaining('BOT_SILENT')]);
      expect(err).toContain('Nothing was asked of it.');
    } finally {
      process.kill(bot.pid!, 'SIGCONT');
    }
    expect(await tradebot('float', 'inject', '6', ...REASON)).toMatchObject({ code: 0 });
    expect(await floatChanges(before)).toEqual([['inject', '6.00', 'user:local']]);
  });

  test('a kill -9 leaves a socket that the next start replaces; one that is deleted comes back', async () => {
    const { file } = basePaths(bot.home).localSocket;
    await bot.kill9();
    expect(lstatSync(file).isSocket()).toBe(true);
    await bot.start();
    expect(await tradebot('float', 'inject', '6', ...REASON)).toMatchObject({ code: 0 });
    rmSync(file);
    await eventually('a socket', () => existsSync(file));
    expect(await tradebot('float', 'inject', '7', ...REASON)).toMatchObject({ code: 0 });
  });
});

describe('users, while the bot runs', () => {
  /** As a script does: the password is the first line of the input. */
  async function withPassword(password: string, ...args: readonly string[]): Promise<program.Ended> {
    const child = program.startTradebot([...args, '--home', bot.home], 'pipe');
    child.stdin?.end(`${password}\n`);
    return program.ended(child);
  }

  test('a command and the pages agree at once: a new user logs in, a disabled one is out', async () => {
    const added = await withPassword('seven violins for a walrus', 'users', 'add', 'Berta', '--role', 'operator');
    expect(added).toMatchObject({ code: 0, out: 'berta: operator, has not logged in\n', err: '' });
    const inside = await logIn(bot, 'seven violins for a walrus', 'berta');
    expect(inside.status).toBe(200);
    const me = async (): Promise<number> =>
      (await bot.call('GET', '/api/control', undefined, { cookie: inside.cookie })).status;
    // inside, with a password that another person knows
    expect(await me()).toBe(403);

    const twice = await withPassword('seven violins for a walrus', 'users', 'add', 'berta');
    expect(twice).toMatchObject({ code: 1, err: expect.stringContaining('USER_NAME_TAKEN') });
    expect(await withPassword('short', 'users', 'password', 'berta')).toMatchObject({ code: 1 });
    expect(await withPassword('', 'users', 'password', 'berta')).toMatchObject({
      code: 1,
      err: expect.stringContaining('PASSWORD_NOT_GIVEN'),
    });

    expect((await tradebot('users', 'disable', 'berta', ...REASON)).out).toContain('berta: operator, disabled');
    expect(await me()).toBe(401);
    expect((await logIn(bot, 'seven violins for a walrus', 'berta')).status).toBe(401);
    expect((await tradebot('users', 'enable', 'berta', ...REASON)).code).toBe(0);
    expect((await tradebot('users', 'role', 'berta', '--role', 'admin')).out).toContain('berta: admin');
    expect((await withPassword('another nine violins here', 'users', 'password', 'berta')).code).toBe(0);
    expect((await logIn(bot, 'seven violins for a walrus', 'berta')).status).toBe(401);
    await eventually('she is in', async () => (await logIn(bot, 'another nine violins here', 'berta')).status === 200);
    expect((await tradebot('users', 'end-sessions', 'berta')).out).toMatch(/[1-9] sessions and tokens ended/);
    expect((await tradebot('users', 'list')).out).toContain('berta: admin');
    expect(await tradebot('users', 'role', 'nobody', '--role', 'viewer')).toMatchObject({
      code: 1,
      err: expect.stringContaining('NO_SUCH_USER'),
    });
    const changes = await home.eventsOf('UserRoleChanged');
    expect(changes.map(({ data, meta }) => [data.to, meta.actor])).toEqual([['admin', 'user:local']]);
  });

  test('a lost database is made again under the running pages', async () => {
    const { usersDb } = basePaths(bot.home).storage;
    for (const end of ['', '-wal', '-shm']) rmSync(`${usersDb}${end}`, { force: true });
    const back = await tradebot('users', 'repair', '--admin', 'clara', '--reason', 'the file was lost', '--json');
    expect(back).toMatchObject({ code: 0, err: '' });
    const { password } = JSON.parse(back.out) as { readonly password: string };
    await eventually('she is in', async () => (await logIn(bot, password, 'clara')).status === 200);
    expect((await tradebot('users', 'check')).code).toBe(0);
  });
});

describe('an owner at the shell, as the bot stops', () => {
  test('gets the same answers from a bot that is stopped', async () => {
    const ask = async (...args: readonly string[]): Promise<unknown> => {
      const { code, out, err } = await tradebot(...args);
      return [code, `${out}${err}`.replace(/float is now [0-9.]+/, 'float is now X').replace(/[AF][AE]-\d+/g, 'ID')];
    };
    const asked: readonly (readonly string[])[] = [
      ['float', 'inject', '0', ...REASON],
      ['float', 'return', '99999999999.00', '--reason', 'x'],
      ['float', 'inject', '1e30', ...REASON],
      ['float', 'inject', '999999999999999.00', ...REASON],
      ['adjust', '--cash', '1', ...REASON],
      ['adjust', '--cash', '1', '--account', 'none', ...REASON],
      ['adjust', '--symbol', 'ABC', ...REASON],
      ['adjust', '--settles', 'RF-0a1b2c3d-4e5f', ...REASON],
      ['adjust', '--cash', '1', '--account', '4055', '--at', '2013-10-07', ...REASON],
      ['reset', 'defense-mode', ...REASON],
      ['mismatch', 'resolve', 'BM-9', '--take', 'books', ...REASON],
      ['mismatch', 'resolve', 'BM-9', '--take', 'books', '--until', 'soon', ...REASON],
      ['float', 'inject', '5', ...REASON, '--request', 'x'],
      ['settings', 'get', 'MAX_OPEN_POSITIONS', 'JOURNAL_URL'],
      ['settings', 'get', 'NO_SUCH_KEY'],
      ['settings', 'set', 'MAX_OPEN_POSITIONS=many', 'NO_SUCH_KEY=1'],
      ['settings', 'set', 'MAX_OPEN_POSITIONS'],
      ['settings', 'set', 'JOURNAL_URL=esdb://name:word@example'],
      ['settings', 'set'],
      ['settings', 'set', 'MIN_PRICE=20', 'MAX_PRICE=20'],
      ['settings', 'withdraw', 'MAX_OPEN_POSITIONS'],
    ];
    const running: unknown[] = [];
    for (const args of asked) running.push(await ask(...args));
    await bot.stop();
    expect(existsSync(basePaths(bot.home).localSocket.file)).toBe(false);
    const stopped: unknown[] = [];
    for (const args of asked) stopped.push(await ask(...args));
    expect(running).toEqual(stopped);
    expect(await tradebot('float', 'inject', '8', ...REASON)).toMatchObject({ code: 0 });
  });

  test('changes its settings while it is stopped, and again when it is back', async () => {
    expect(await tradebot('settings', 'set', 'MAX_OPEN_POSITIONS=4')).toMatchObject({ code: 0, err: '' });
    expect((await tradebot('settings', 'get', 'MAX_OPEN_POSITIONS')).out).toBe('MAX_OPEN_POSITIONS=4\n');
    await bot.start();
    await eventually('it is up', async () => (await tradebot('settings', 'set', 'MAX_OPEN_POSITIONS=5')).code === 0);
  });
});
