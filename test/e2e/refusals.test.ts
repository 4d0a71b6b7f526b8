import Database from 'better-sqlite3';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeNeeding, plainUser, testNeeding } from '../support/needs.js';
import { marketData } from '../support/shared-data.js';
import { JournalWatch } from './support/kill-runs.js';
import * as program from './support/program.js';
import { pathsOf, tradebot, treeOf } from './support/program.js';
import { copyTree } from '../support/copy-tree.js';

const MADE_UP = ['day', '--synthetic', '--seed', '3'];
const ALL = '--symbols SPY,AIG,BAC,IBM --vix 17';

/** A home that has traded; a test that changes it works on a copy. */
let sound: string;
let scratch: string;

beforeAll(async () => {
  await program.buildOnce();
  scratch = program.scratchFolder();
  sound = join(scratch, 'sound');
  await program.done(...MADE_UP, '--home', sound);
});
afterAll(program.removeScratch);

interface Refused {
  readonly args: readonly string[];
  readonly code: string;
  /** Further words of the line. */
  readonly says?: string | RegExp;
  readonly exit?: number;
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

/** One line on stderr and the exit code; nothing is made where nothing was, and nothing is changed. */
async function expectLine({ args, code, says = '', exit = 1 }: Refused, home: string): Promise<void> {
  const before = treeOf(home);
  const { code: ended, out, err } = await tradebot(...args, '--home', home);
  expect({ ended, out, lines: err.trimEnd().split('\n').length }).toEqual({ ended: exit, out: '', lines: 1 });
  expect(err).toContain(`(${code})`);
  expect(err).toMatch(says);
  expect(treeOf(home)).toEqual(before);
}

/** The same with --json: one JSON object on stderr. */
async function expectJson({ args, code, exit = 1 }: Refused, home: string): Promise<void> {
  const before = treeOf(home);
  const { code: ended, out, err } = await tradebot(...args, '--home', home, '--json');
  expect({ ended, out }).toEqual({ ended: exit, out: '' });
  expect(JSON.parse(err)).toMatchObject({ ok: false, error: { code } });
  expect(treeOf(home)).toEqual(before);
}

let fresh = 0;

/** In a missing home, which must not be created, and in one that has traded, which must not change. */
async function expectRefusedInput(refused: Refused): Promise<void> {
  fresh += 1;
  const nowhere = join(scratch, `never-made-${fresh}`);
  await expectLine(refused, nowhere);
  expect(existsSync(nowhere)).toBe(false);
  await expectJson(refused, sound);
}

const INPUTS: readonly (readonly [name: string, args: string, code: string, says?: string | RegExp])[] = [
  ['no data chosen', 'day', 'MARKET_DATA_SOURCE'],
  ['two sources', 'day --data . --synthetic', 'MARKET_DATA_SOURCE'],
  ['a VIX for an invented market', 'day --synthetic --vix 17', 'MARKET_DATA_SOURCE'],
  ['a folder that is not there', 'day --data ./no-such-folder --date 2013-10-04 --symbols SPY', 'DATA_FOLDER_MISSING'],
  [
    'a file instead of a folder',
    'day --data ./package.json --date 2013-10-04 --symbols SPY',
    'DATA_FOLDER_MISSING',
    'is a file, not a folder',
  ],
  ['no date for recorded data', 'day --data ./src --symbols SPY', 'DATE_MISSING'],
  ['no symbols for recorded data', 'day --data ./src --date 2013-10-04', 'SYMBOLS_MISSING'],
  ['a symbol that is none', 'day --data ./src --date 2013-10-04 --symbols ../SPY', 'BAD_SYMBOL'],
  ['a date that is none', 'day --synthetic --date 2013-02-30', 'NOT_A_DATE'],
  ['a Saturday', 'day --synthetic --date 2026-01-10', 'EXCHANGE_CLOSED', 'a weekend'],
  ['a holiday', 'day --synthetic --date 2026-07-03', 'EXCHANGE_CLOSED', 'Independence Day'],
  ['a year beyond the calendar', 'day --synthetic --date 2055-01-04', 'CALENDAR_RANGE'],
  ['a seed that is no number', 'day --synthetic --seed seven', 'BAD_NUMBER'],
  ['a seed below zero', 'day --synthetic --seed=-1', 'BAD_NUMBER'],
  ['no days', 'day --synthetic --days 0', 'BAD_NUMBER'],
  ['too many days', 'day --synthetic --days 99999', 'BAD_NUMBER'],
  ['cash that is no number', 'day --synthetic --cash lots', 'NOT_A_DECIMAL'],
  ['cash below zero', 'day --synthetic --cash=-5', 'BAD_CASH'],
  ['parts of cents', 'day --synthetic --cash 0.001', 'BAD_CASH'],
  ['cash beyond the books', 'day --synthetic --cash 92233720368547758.08', 'BAD_CASH'],
  ['a setting without a value', 'day --synthetic --set MAX_TRADES', 'BAD_SET'],
  ['a setting that is not there', 'day --synthetic --set MAX_TRADE=2', 'SETTINGS_INVALID', 'MAX_TRADES'],
  [
    'several bad settings, all named',
    'day --synthetic --set MAX_TRADES=two --set MIN_PRICE=-1 --set SHORT_TYPE_OPEN=Shrt',
    'SETTINGS_INVALID',
    /(?=.*MAX_TRADES)(?=.*MIN_PRICE)(?=.*SHORT_TYPE_OPEN)/,
  ],
  ['an identity that is none', 'day --synthetic --identity DEMO', 'BAD_IDENTITY'],
  ['a folder without market data', 'day --data ./src --date 2013-10-04 --symbols SPY --vix 17', 'DATA_LAYOUT'],
  ['a VIX that is none', 'day --data ./src --date 2013-10-04 --symbols SPY --vix -3', 'BAD_VIX', '--vix -3 is not'],
  ['an unknown option', 'day --synthetic --sed 7', 'USAGE', '--seed'],
  ['an export format that is none', 'export pdf --session 2026-01-05', 'USAGE', 'ofx'],
];

// jest gives a test that wants more than its row has a callback instead, so every row is filled up
test.each(INPUTS.map(([name, args, code, says]) => [name, args, code, says ?? ''] as const))(
  '%s is refused, and nothing is created or changed',
  async (_name, args, code, says) => {
    await expectRefusedInput({ args: words(args), code, says });
  },
);

describeNeeding(marketData)('recorded data', () => {
  const DAY = `--date 2013-10-04 ${ALL}`;

  /** A copy of the minutes of one symbol, with one file changed. */
  function damaged(name: string, change: (bytes: Buffer) => Buffer | undefined): string {
    const folder = join(scratch, name);
    copyTree(join(marketData.path, 'equity/usa/minute/spy'), join(folder, 'equity/usa/minute/spy'));
    const zip = join(folder, 'equity/usa/minute/spy/20131004_trade.zip');
    const bytes = change(readFileSync(zip));
    if (bytes === undefined) rmSync(zip);
    else writeFileSync(zip, bytes);
    return folder;
  }

  test.each<readonly [string, string, string]>([
    ['a date without data', `--date 2013-11-04 ${ALL}`, 'DATA_NO_SUCH_DAY'],
    ['days of which the last has no data', `--date 2013-10-09 --days 2 ${ALL}`, 'DATA_NO_SUCH_DAY'],
    ['a symbol without data', '--date 2013-10-04 --symbols SPY,NOSUCH --vix 17', 'DATA_UNKNOWN_SYMBOL'],
    ['a VIX file that is not there', '--date 2013-10-04 --symbols SPY --vix no.csv', 'DATA_VIX_MISSING'],
    ['a holiday', `--date 2013-12-25 ${ALL}`, 'EXCHANGE_CLOSED'],
  ])('%s', async (_name, args, code) => {
    await expectRefusedInput({ args: ['day', '--data', marketData.path, ...words(args)], code });
  });

  test.each<readonly [string, (bytes: Buffer) => Buffer | undefined, string]>([
    ['bytes changed in the middle', flipMiddle, 'DATA_ZIP_CORRUPT'],
    ['cut short', (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2)), 'DATA_ZIP_CORRUPT'],
    ['empty', () => Buffer.alloc(0), 'DATA_ZIP_CORRUPT'],
    ['no zip at all', () => Buffer.from('these are notes'.repeat(50)), 'DATA_ZIP_CORRUPT'],
  ])('a zip file: %s', async (name, change, code) => {
    const data = damaged(name.replaceAll(' ', '-'), change);
    const args = ['day', '--data', data, '--date', '2013-10-04', '--symbols', 'SPY', '--vix', '17'];
    await expectRefusedInput({ args, code, says: '20131004_trade.zip' });
  });

  test('a valid day of the same folder is traded', async () => {
    const data = damaged('sound-data', (bytes) => bytes);
    const { code } = await tradebot(
      'day',
      '--data',
      data,
      ...words(DAY.replace(/SPY\S+/, 'SPY')),
      '--home',
      join(scratch, 'ok'),
    );
    expect(code).toBe(0);
  });
});

function flipMiddle(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const middle = Math.floor(bytes.length / 2);
  for (let at = middle; at < middle + 8; at += 1) changed[at] = (changed[at] ?? 0) ^ 0xff;
  return changed;
}

describe('homes', () => {
  function copy(name: string): string {
    const home = join(scratch, name);
    copyTree(sound, home);
    return home;
  }

  test('a home that is a file', async () => {
    const file = join(scratch, 'a-file');
    writeFileSync(file, 'notes');
    const { code, err } = await tradebot(...MADE_UP, '--home', file);
    expect({ code, lines: err.trimEnd().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(err).toContain('HOME_NOT_A_FOLDER');
    expect(readFileSync(file, 'utf8')).toBe('notes');
  });

  test.each([
    ['day --synthetic --seed 3'],
    ['verify'],
    ['events'],
    ['rebuild all'],
    ['export ofx --session 2026-01-05'],
  ])('of another layout: %s', async (args) => {
    const home = join(scratch, `layout-${args.replaceAll(' ', '')}`);
    copyTree(sound, home);
    const { marker } = pathsOf(home);
    writeFileSync(marker, readFileSync(marker, 'utf8').replace('"layout": 1', '"layout": 2'));
    await expectLine({ args: words(args), code: 'HOME_OTHER_LAYOUT' }, home);
  });

  test('of another bot', async () => {
    await expectLine({ args: [...MADE_UP, '--identity', 'ACME_US_SIM_B02'], code: 'HOME_OTHER_BOT' }, sound);
  });

  test('with an unreadable marker', async () => {
    const home = copy('marker');
    writeFileSync(pathsOf(home).marker, '{"layout":');
    await expectLine({ args: MADE_UP, code: 'HOME_MARKER_UNREADABLE' }, home);
  });

  test.each([
    ['verify'],
    ['events'],
    ['rebuild all'],
    ['export ofx --session 2026-01-05'],
    ['float inject 5 --reason why'],
  ])('missing: %s', async (args) => {
    await expectLine({ args: words(args), code: 'HOME_MISSING' }, join(scratch, 'nowhere'));
  });

  test('in use by another day: the second is refused with the holder, and the first completes', async () => {
    const home = join(scratch, 'busy');
    const first = program.startTradebot([...MADE_UP, '--home', home]);
    const ending = program.ended(first);
    while (!existsSync(join(home, 'storage/lock.json')) && first.exitCode === null) await sleep(1);
    first.kill('SIGSTOP');
    const second = await tradebot(...MADE_UP, '--home', home);
    first.kill('SIGCONT');
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toMatch(new RegExp(`in use by "tradebot day" \\(process ${String(first.pid)}`));
    expect(second.err.trimEnd().split('\n')).toHaveLength(1);
    expect((await ending).code).toBe(0);
  });

  test('with a journal of a newer format or a foreign file in its place', async () => {
    const newer = copy('newer');
    const db = new Database(pathsOf(newer).storage.journalDb);
    db.pragma('user_version = 99');
    db.close();
    await expectLine({ args: MADE_UP, code: 'JOURNAL_NEWER' }, newer);
    const foreign = copy('foreign');
    writeFileSync(pathsOf(foreign).storage.journalDb, 'notes of somebody else, and no journal '.repeat(20));
    await expectLine({ args: MADE_UP, code: 'JOURNAL_REWRITTEN', exit: 3 }, foreign);
    await expectLine({ args: ['verify'], code: 'JOURNAL_REWRITTEN', exit: 3 }, foreign);
  });

  test('with a truncated journal', async () => {
    const cut = copy('cut');
    const { journalDb } = pathsOf(cut).storage;
    writeFileSync(journalDb, readFileSync(journalDb).subarray(0, 20_000));
    await expectLine({ args: MADE_UP, code: 'JOURNAL_CORRUPT', exit: 3 }, cut);
  });

  test('with books but an empty or deleted journal: no new journal is started', async () => {
    const emptied = copy('emptied');
    writeFileSync(pathsOf(emptied).storage.journalDb, '');
    await expectLine({ args: MADE_UP, code: 'JOURNAL_EMPTIED', exit: 3 }, emptied);
    const deleted = copy('deleted');
    rmSync(pathsOf(deleted).storage.journalDb);
    await expectLine({ args: MADE_UP, code: 'JOURNAL_EMPTIED', exit: 3 }, deleted);
  });

  test('with an invalid broker store', async () => {
    const home = copy('store');
    writeFileSync(pathsOf(home).storage.simBrokerDb, 'notes of somebody else '.repeat(40));
    await expectLine({ args: [...MADE_UP, '--date', '2026-01-06'], code: 'SIM_STORE_UNREADABLE' }, home);
  });

  test('without the account of the simulator, which is in another home: the next day is refused (E7)', async () => {
    const home = copy('account');
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${pathsOf(home).storage.simBrokerDb}${suffix}`, { force: true });
    await expectLine({ args: [...MADE_UP, '--date', '2026-01-06'], code: 'SIM_ACCOUNT_MISSING' }, home);
  });

  test('without a journal: reading commands report it', async () => {
    const home = copy('no-journal');
    rmSync(pathsOf(home).storage.journalDb);
    for (const args of ['verify', 'events', 'rebuild all']) {
      await expectLine({ args: words(args), code: 'JOURNAL_EMPTIED', exit: 3 }, home);
    }
  });

  test.each<readonly [string, string, string]>([
    ['another seed', 'day --synthetic --seed 4', 'SESSION_DIFFERS'],
    ['other symbols', 'day --synthetic --seed 3 --symbols ZYNK', 'SESSION_DIFFERS'],
    ['other settings', 'day --synthetic --seed 3 --set MAX_PRICE=100', 'SESSION_DIFFERS'],
    ['an earlier day', 'day --synthetic --seed 3 --date 2026-01-02', 'SESSION_IN_THE_PAST'],
    ['a session that was not', 'export ofx --session 2026-01-06', 'SESSION_UNKNOWN'],
    ['a range that runs backwards', 'export ofx --from 2026-01-06 --to 2026-01-05', 'BAD_RANGE'],
    ['a projection that is none', 'rebuild legder', 'UNKNOWN_PROJECTION'],
    ['a float without a reason', 'float inject 5.00', 'REASON_MISSING'],
    ['a float of nothing', 'float inject 0 --reason why', 'BAD_AMOUNT'],
    ['a float beyond 64 bits', 'float inject 92233720368547758.08 --reason why', 'AMOUNT_TOO_LARGE'],
    ['a float with zeros too many', 'float inject 100000000000000000.00 --reason why', 'AMOUNT_TOO_LARGE'],
    ['more float than fits the one there is', 'float inject 1000000000000000 --reason why', 'AMOUNT_TOO_LARGE'],
    ['more float than there is', 'float return 999999999.00 --reason why', 'FLOAT_TOO_SMALL'],
  ])('that has traded, asked for %s', async (_name, args, code) => {
    await expectLine({ args: words(args), code }, sound);
  });

  test('started and killed: other input is refused, the same input continues', async () => {
    const home = join(scratch, 'begun');
    const child = program.startTradebot([...MADE_UP, '--days', '4', '--home', home]);
    const ending = program.ended(child);
    const watch = new JournalWatch(pathsOf(home).storage.journalDb);
    while (watch.position() < 60n && child.exitCode === null) await sleep(1);
    watch.close();
    child.kill('SIGKILL');
    expect((await ending).signal).toBe('SIGKILL');
    for (const wrong of [
      ['day', '--synthetic', '--seed', '4', '--days', '4'],
      [...MADE_UP, '--days', '4', '--set', 'MAX_PRICE=100'],
    ]) {
      const { code, err } = await tradebot(...wrong, '--home', home);
      expect({ code, lines: err.trimEnd().split('\n').length }).toEqual({ code: 1, lines: 1 });
      expect(err).toContain('SESSION_DIFFERS');
    }
    expect((await tradebot(...MADE_UP, '--days', '4', '--home', home)).code).toBe(0);
  });
});

testNeeding(plainUser)('a read-only folder', async () => {
  const folder = join(scratch, 'read-only');
  mkdirSync(folder, { mode: 0o500 });
  const { code, err } = await tradebot(...MADE_UP, '--home', join(folder, 'home'));
  expect(code).toBe(1);
  expect(err).toContain('HOME_NOT_WRITABLE');
});
