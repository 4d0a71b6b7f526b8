import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder } from '../support/home.js';
import { copyTree } from '../../support/copy-tree.js';
import { unlocked } from '../support/tampering.js';
import { endCommands, scratchFolder, tradebot } from './support.js';

const DATE = '2026-01-06';
const SHORTS = ['OPEN', 'MID', 'CLOSE'].flatMap((name) => ['--set', `SHORT_TYPE_${name}=ShortSell`]);
let scratch: string;
let home: string;
let head: number;

beforeAll(async () => {
  scratch = scratchFolder();
  home = join(scratch, 'home');
  const day = await tradebot(['day', '--synthetic', '--seed', '1', '--date', DATE, '--home', home, ...SHORTS]);
  expect({ code: day.code, err: day.err }).toEqual({ code: 0, err: '' });
  head = (JSON.parse((await tradebot(['verify', '--home', home, '--json'])).out) as { readonly count: number }).count;
});
afterAll(async () => {
  await endCommands();
  rmSync(scratch, { recursive: true, force: true });
});

interface AsOf {
  readonly asOf: { readonly position: string; readonly events: number };
  readonly cash: string;
  readonly positions: readonly { readonly symbol: string; readonly quantity: string }[];
  readonly trialBalance: { readonly balanced: boolean };
  readonly ledgerAgrees: boolean;
  readonly status: unknown;
}

async function json<T>(...args: readonly string[]): Promise<T> {
  const { code, out, err } = await tradebot([...args, '--home', home, '--json']);
  expect({ args, code, err }).toEqual({ args, code: 0, err: '' });
  return JSON.parse(out) as T;
}

const digest = (): string =>
  createHash('sha256')
    .update(JSON.stringify(filesUnder(home)))
    .digest('hex');

describe('tradebot as-of', () => {
  test('the head equals status.json and the ledger', async () => {
    const now = await json<AsOf>('as-of', '--position', String(head));
    expect(now).toMatchObject({ ledgerAgrees: true, trialBalance: { balanced: true }, asOf: { events: head } });
    expect(now.status).toEqual(JSON.parse(readFileSync(join(home, 'output/status.json'), 'utf8')));
    expect(await json<AsOf>('as-of', '--time', DATE)).toEqual(now);
  });

  test('within an open position: less cash, shares held', async () => {
    const then = await json<AsOf>('as-of', '--time', `${DATE}T15:00:00Z`);
    expect(then).toMatchObject({ ledgerAgrees: true, trialBalance: { balanced: true } });
    expect(then.positions.length).toBeGreaterThan(0);
    expect(then.cash).not.toBe('100000.00');
    const { out } = await tradebot(['as-of', '--time', `${DATE}T15:00:00Z`, '--home', home]);
    expect(out).toMatch(/^As of position \d+, recorded 2026-01-06T15:00:00\.000Z[\s\S]*Ledger: agrees\n$/);
  });

  test.each([
    [[], 'BAD_MOMENT'],
    [['--position', '1', '--time', DATE], 'BAD_MOMENT'],
    [['--position', '999999'], 'POSITION_AHEAD'],
    [['--time', 'yesterday'], 'NOT_UTC'],
  ])('%j is refused in one line', async (args, code) => {
    const refused = await tradebot(['as-of', ...args, '--home', home]);
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 1, out: '' });
    expect(refused.err).toContain(`(${code})`);
    expect(refused.err.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('tradebot explain', () => {
  test('a position, as text and as JSON', async () => {
    const { code, out } = await tradebot(['explain', `${DATE}/open/TLRX`, '--home', home]);
    expect(code).toBe(0);
    for (const word of ['CandidatesRanked', 'SignalTriggered', 'OrderFilled', 'posted BUY', '1030', 'DailySummary']) {
      expect(out).toContain(word);
    }
    const answer = await json<{ readonly events: readonly unknown[]; readonly groups: readonly unknown[] }>(
      ...['explain', `${DATE}/open/TLRX`],
    );
    expect(answer.events.length).toBeGreaterThan(10);
    expect(answer.groups).toHaveLength(2);
  });

  test('a figure adds up', async () => {
    expect(await json('explain', `pnl:${DATE}`)).toMatchObject({ ok: true, figure: { agrees: true } });
    expect((await tradebot(['explain', 'cash', '--home', home])).out).toMatch(/^1030 Broker Cash: \d+\.\d\d\n/);
  });

  test('an unknown subject: one line that lists the valid questions', async () => {
    const { code, err } = await tradebot(['explain', 'nonsense', '--home', home]);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^neither the journal nor the ledger knows "nonsense" \(NOTHING_TO_EXPLAIN\)\. Ask for .*fees:2026-01-05.*position:AIG.*setting:MAX_TRADES\.\n$/,
    );
  });
});

describe('tradebot what-if', () => {
  test('without a change it repeats the session; with one it shows the differences; the home is unchanged', async () => {
    const before = digest();
    expect(await json('what-if', '--session', DATE)).toMatchObject({
      ok: true,
      identical: true,
      firstDifference: null,
    });
    const { code, out } = await tradebot([
      'what-if',
      '--session',
      DATE,
      '--set',
      'MAX_OPEN_POSITIONS=1',
      '--home',
      home,
    ]);
    expect(code).toBe(0);
    expect(out).toContain('MAX_OPEN_POSITIONS: 1 instead of 5');
    expect(out).toMatch(
      /First event that differs\n {2}as it was .*\n {2}what if {4}.*TradeBlocked.*MAX_OPEN_POSITIONS/,
    );
    expect(out).toMatch(/net P&L +-?[\d.]+ +-?[\d.]+\n/);
    expect(digest()).toBe(before);
  });

  test.each([
    [['--session', '2026-02-02'], 'SESSION_UNKNOWN'],
    [['--session', DATE, '--set', 'MAX_TRADE=1'], 'SETTINGS_INVALID'],
    [['--session', DATE, '--set', 'nothing'], 'BAD_SET'],
    [['--session', 'monday'], 'NOT_A_DATE'],
    [[], 'USAGE'],
  ])('%j is refused in one line', async (args, code) => {
    const refused = await tradebot(['what-if', ...args, '--home', home]);
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 1, out: '' });
    expect(refused.err).toContain(`(${code})`);
    expect(refused.err.trimEnd().split('\n')).toHaveLength(1);
  });
});

test.each([
  ['as-of', '--time', DATE],
  ['explain', 'cash'],
  ['what-if', '--session', DATE],
])('%s shows no figure of a journal in which one price was changed', async (...args) => {
  const copy = join(scratch, `changed-${args[0]}`);
  copyTree(home, copy);
  const db = unlocked(join(copy, 'storage/journal/journal.db'));
  db.exec(`UPDATE events SET body = replace(body, '"price":"', '"price":"1') WHERE body LIKE '%"price":"%'`);
  db.close();
  const refused = await tradebot([...args, '--home', copy]);
  expect({ code: refused.code, out: refused.out }).toEqual({ code: 3, out: '' });
  expect(refused.err).toContain('(JOURNAL_CORRUPT)');
});
