import Database from 'better-sqlite3';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HomePaths } from '../../src/domain/home/home-paths.js';
import { parseDateText } from '../../src/kernel/time.js';
import { readOfx } from '../unit/support/ofx-reader.js';
import { faultsOf } from '../unit/support/output-schemas.js';
import { describeNeeding, testNeeding, tool } from '../support/needs.js';
import { marketData } from '../support/shared-data.js';
import { expectAgreement, expectHledgerReads, type DaySaid } from './support/agreement.js';
import { parseCsv } from '../unit/support/report-home.js';
import { brokerFigures, brokerOrders, centsOf, figuresAt, sum } from './support/figures.js';
import * as program from './support/program.js';
import { done, jsonOf, pathsOf, tradebot, treeOf } from './support/program.js';
import { copyTree } from '../support/copy-tree.js';

const hledger = tool('hledger');
const SHORTS = ['open', 'mid', 'close'].flatMap((name) => ['--set', `SHORT_TYPE_${name.toUpperCase()}=ShortSell`]);
const FOUR_DAYS = ['2013-10-04', '2013-10-07', '2013-10-08', '2013-10-09'];
const SPLIT_DAYS = ['2014-06-05', '2014-06-06', '2014-06-09'];
const MADE_UP_DAYS = ['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09'];

const recorded = (date: string, days: number, symbols: string, vix: string): readonly string[] => [
  ...['--data', marketData.path, '--date', date, '--days', String(days)],
  ...['--symbols', symbols, '--vix', vix],
];

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly dates: readonly string[];
  /** Strategies that must trade; the rest may. */
  readonly trading: readonly string[];
}

const MADE_UP: Case = {
  name: 'made-up days, shorts allowed',
  args: ['--synthetic', '--seed', '7', '--days', '5', ...SHORTS],
  dates: MADE_UP_DAYS,
  trading: ['open', 'mid', 'close'],
};
const RECORDED: readonly Case[] = [
  {
    name: 'four recorded days with default settings',
    args: recorded('2013-10-04', 4, 'SPY,AIG,BAC,IBM', '17'),
    dates: FOUR_DAYS,
    trading: ['open', 'close'],
  },
  {
    name: 'four recorded days, shorts allowed',
    args: [...recorded('2013-10-04', 4, 'SPY,AIG,BAC,IBM', '17'), ...SHORTS],
    dates: FOUR_DAYS,
    trading: ['open', 'close'],
  },
  {
    name: 'AAPL over its split, no price too high',
    args: [...recorded('2014-06-05', 3, 'AAPL', '11'), '--set', 'MAX_PRICE=1000', ...SHORTS],
    dates: SPLIT_DAYS,
    trading: [],
  },
];

beforeAll(program.buildOnce);
afterAll(program.removeScratch);

describe.each([MADE_UP])('$name', wholeDays);
describeNeeding(marketData)('recorded', () => {
  describe.each(RECORDED)('$name', wholeDays);
});

function wholeDays({ args, dates, trading }: Case): void {
  let home: string;
  let paths: HomePaths;
  let said: DaySaid;

  beforeAll(async () => {
    home = join(program.scratchFolder(), 'home');
    paths = pathsOf(home);
    said = await done<DaySaid>('day', ...args, '--home', home);
  });

  test('every day completes and reconciles, and each signal is traded or refused with a reason', () => {
    expect(said.days.map(({ date, outcome, run }) => ({ date, outcome, run }))).toEqual(
      dates.map((date) => ({ date, outcome: 'completed', run: 'traded' })),
    );
    expect(said.ok).toBe(true);
    const traded = said.days.flatMap((day) => day.strategies.filter((line) => line.signals > 0));
    expect([...new Set(traded.map((line) => line.strategy))]).toEqual(expect.arrayContaining([...trading]));
    for (const { signals, trades, refusals } of said.days) {
      const stopped = refusals.filter(({ code }) => !['INSIDE_RANGE', 'NEAR_VWAP'].includes(code));
      expect(trades + stopped.length).toBeGreaterThanOrEqual(signals);
    }
  });

  test('every figure of every output equals the ledger, and the ledger equals the broker', async () => {
    await expectAgreement(paths, dates, said);
    const orders = brokerOrders(paths.storage.simBrokerDb);
    expect(orders).toHaveLength(said.days.reduce((all, day) => all + day.orders, 0));
    for (const { date, fills } of said.days) {
      const ofDay = orders.filter((order) => order.date === date);
      expect(ofDay.reduce((all, order) => all + order.fills, 0)).toBe(fills);
    }
  });

  testNeeding(hledger)('hledger reads the export of each day, with the balances of the ledger', () => {
    for (const date of dates) expectHledgerReads(hledger.command, paths, date);
  });

  test('the tree of RUN-6 is whole and matches its schemas', () => {
    const { output, storage } = paths;
    const files = [
      ...[paths.marker, storage.journalDb, storage.simBrokerDb, storage.projectionsDb],
      ...[output.ledgerDb, output.coaDb, output.floatLedgerDb, output.coaJson, output.coaMetadata],
      ...[output.coaAuditLog, output.coaMappingTable, output.tradeHistoryCsv, output.tradeHistoryJson],
      ...[output.dailySummary, output.statusJson, output.statusMirror],
      ...dates.flatMap((date) => filesOfDay(paths, date)),
    ];
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    expect(statSync(storage.dir).mode & 0o777).toBe(0o700);
    expect(statSync(storage.journalDb).mode & 0o777).toBe(0o600);
    for (const trade of jsonOf<readonly unknown[]>(output.tradeHistoryJson)) {
      expect(faultsOf('trade-record', trade)).toEqual([]);
    }
    for (const date of dates) {
      expect(faultsOf('daily-summary', jsonOf(paths.dailySummaryOf(parseDateText(date))))).toEqual([]);
    }
    expect(faultsOf('status', jsonOf(output.statusJson))).toEqual([]);
    for (const log of ['open', 'mid', 'close', 'unresolved_orders', 'disaster_mode'] as const) {
      for (const line of linesOf(paths.log(log))) expect(faultsOf('strategy-log-line', line)).toEqual([]);
    }
    for (const line of linesOf(paths.log('error_tracebacks'))) expect(faultsOf('error-log-line', line)).toEqual([]);
  });

  test('the same command in another home gives the same bytes in every file except the seals', async () => {
    const other = join(program.scratchFolder(), 'elsewhere');
    expect(await done<DaySaid>('day', ...args, '--home', other)).toEqual({ ...said, home: other });
    expect(withoutSeals(treeOf(other))).toEqual(withoutSeals(treeOf(home)));
  });

  test('the same command in the same home finds the days closed and changes nothing', async () => {
    const before = treeOf(home);
    const again = await done<DaySaid>('day', ...args, '--home', home);
    expect(again.days.map((day) => day.run)).toEqual(dates.map(() => 'already closed'));
    expect({ ...again, days: [] }).toEqual({ ...said, days: [] });
    expect(treeOf(home)).toEqual(before);
  });

  test('rebuild all after deleting every output gives the same bytes', async () => {
    const before = treeOf(home);
    rmSync(paths.output.dir, { recursive: true });
    await done('rebuild', 'all', '--home', home);
    expect(treeOf(paths.output.dir)).toEqual(treeOfPart(before, 'output'));
    rmSync(paths.output.ledgerDb);
    await done('rebuild', 'ledger', '--home', home);
    expect(treeOf(paths.output.dir)).toEqual(treeOfPart(before, 'output'));
  });
}

function filesOfDay(paths: HomePaths, date: string): readonly string[] {
  const day = parseDateText(date);
  const formats = ['ofx', 'csv', 'json', 'hledger'] as const;
  return [
    paths.dailySummaryOf(day),
    paths.marketFile(day),
    ...formats.map((format) => paths.exportFile(format, `session_${date}`)),
  ];
}

function linesOf(path: string): readonly unknown[] {
  const lines = program.textOf(path).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Every home draws a key of its own, and seals with it. */
function withoutSeals(tree: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !/\/(audit|keys)\//.test(path)));
}

function treeOfPart(tree: Readonly<Record<string, string>>, part: string): Readonly<Record<string, string>> {
  const own = Object.entries(tree).filter(([path]) => path.startsWith(`${part}/`));
  return Object.fromEntries(own.map(([path, digest]) => [path.slice(part.length + 1), digest]));
}

describe('a home that has traded', () => {
  const day = ['day', '--synthetic', '--seed', '3', '--home'];
  let home: string;

  beforeAll(async () => {
    home = join(program.scratchFolder(), 'home');
    await done(...day, home);
  });

  test('verify reports the head of the summary, and events prints the same number of lines', async () => {
    const { journal } = await done<DaySaid>(...day, home);
    expect(await done('verify', '--home', home)).toMatchObject({ ok: true, count: journal.events, head: journal.head });
    const { code, out } = await tradebot('events', '--home', home);
    const hashes = out
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { hash: string }).hash);
    expect({ code, count: hashes.length, head: hashes.at(-1) }).toEqual({
      code: 0,
      count: journal.events,
      head: journal.head,
    });
  });

  test('one changed byte in one event: verify exits 3 with one line', async () => {
    const copy = copyOf(home);
    const { journalDb } = pathsOf(copy).storage;
    expect(existsSync(`${journalDb}-wal`)).toBe(false);
    const bytes = readFileSync(journalDb);
    const at = bytes.indexOf('"openingEquity":"100000.00"') + '"openingEquity":"'.length;
    bytes.write('2', at, 'latin1');
    writeFileSync(journalDb, bytes);
    const { code, out, err } = await tradebot('verify', '--home', copy);
    expect(code).toBe(3);
    expect((out + err).trimEnd().split('\n')).toHaveLength(1);
    expect(out + err).toMatch(/^DAMAGED at position \d+/);
  });

  test('capital acknowledged between two days is in the books, the statement and at the broker', async () => {
    const copy = copyOf(home);
    const paths = pathsOf(copy);
    const before = figuresAt(paths.output.ledgerDb).cash;
    await done('float', 'inject', '5000.00', '--reason', 'more capital', '--home', copy);
    const next = await done<DaySaid>(...day, copy, '--date', '2026-01-06');
    expect(next.ok).toBe(true);
    const { cash, accounts } = figuresAt(paths.output.ledgerDb);
    expect(cash - before - 500_000n).toBe(centsOf(next.days[0]?.netPnl));
    expect(accounts['3010']).toBe(-500_000n);
    expect(brokerFigures(paths.storage.simBrokerDb, '2026-01-06').cash).toBe(cash);
    const statement = await readOfx(program.textOf(paths.exportFile('ofx', 'session_2026-01-06')));
    expect(statement.transactions.filter(({ tag }) => tag === 'INVBANKTRAN').map(({ cash }) => cash)).toEqual([
      500_000n,
    ]);
    const statements = ['2026-01-05', '2026-01-06'].map((date) =>
      parseCsv(program.textOf(paths.exportFile('csv', `session_${date}`))),
    );
    const injections = statements.map((rows) => rows.filter((row) => row['TRNTYPE'] === 'FLOATIN').length);
    expect(injections).toEqual([0, 2]);
    const inTransit = statements.flat().filter((row) => row['account_code'] === '1010');
    expect(sum(inTransit.map((row) => centsOf(row['debit']) - centsOf(row['credit'])))).toBe(0n);
  });

  test('the statement of a session is the same file whatever is booked after its close', async () => {
    const copy = copyOf(home);
    await done('float', 'inject', '5000.00', '--reason', 'after the close', '--home', copy);
    const said = await done<{ made: boolean }>('export', 'csv', '--session', '2026-01-05', '--home', copy);
    expect(said.made).toBe(false);
  });

  test('an adjusting entry is booked with its reason, and a wrong one is refused before it is recorded', async () => {
    const copy = copyOf(home);
    const { ledgerDb } = pathsOf(copy).output;
    const before = figuresAt(ledgerDb).cash;
    const entry = ['adjust', '--cash', '1.00', '--reason', 'interest that was not reported', '--home', copy];
    const refused = await tradebot(...entry, '--account', '1');
    expect(refused.code).not.toBe(0);
    expect(refused.out + refused.err).toContain('names 1 for its cash');
    const unknown = await tradebot(...entry, '--account', '4055', '--settles', 'RF-1');
    expect(unknown.code).not.toBe(0);
    expect(unknown.out + unknown.err).toContain('RF-1 is no refused report');
    expect(figuresAt(ledgerDb).cash).toBe(before);
    expect(await done(...entry, '--account', '4055')).toMatchObject({ ok: true, settles: null });
    expect(figuresAt(ledgerDb).cash - before).toBe(100n);
  });

  test('a range export has the cash of the last day, all transactions, and is the same file when repeated', async () => {
    const copy = copyOf(home);
    await done(...day, copy, '--date', '2026-01-06', '--days', '2');
    const range = ['export', 'ofx', '--from', '2026-01-05', '--to', '2026-01-07', '--home', copy];
    const { path } = await done<{ readonly path: string }>(...range);
    const text = program.textOf(path);
    const statement = await readOfx(text);
    const { cash } = figuresAt(pathsOf(copy).output.ledgerDb);
    expect(statement.cash).toBe(cash);
    expect(statement.transactions.reduce((all, transaction) => all + transaction.cash, 0n)).toBe(cash);
    await done(...range);
    expect(program.textOf(path)).toBe(text);
  });

  test('the identity of a home is in every path and in the books', async () => {
    const own = join(program.scratchFolder(), 'own');
    await done(...day, own, '--identity', 'ACME_CA_SIM_B77');
    const ledger = join(own, 'output/ACME_CA_SIM_B77/ledgers/ACME_CA_SIM_B77_BOT_ledger.db');
    const db = new Database(ledger, { readonly: true });
    const found = db.prepare('SELECT entity_code, jurisdiction_code, bot_code FROM identity').all();
    db.close();
    expect(found).toEqual([{ entity_code: 'ACME', jurisdiction_code: 'CA', bot_code: 'B77' }]);
  });
});

function copyOf(home: string): string {
  const copy = join(program.scratchFolder(), 'copy');
  copyTree(home, copy);
  return copy;
}
