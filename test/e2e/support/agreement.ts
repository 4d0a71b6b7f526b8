import { spawnSync } from 'node:child_process';
import { expect } from '@jest/globals';
import type { HomePaths } from '../../../src/domain/home/home-paths.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { readOfx } from '../../unit/support/ofx-reader.js';
import { parseCsv } from '../../unit/support/report-home.js';
import { brokerFigures, centsOf, figuresAt, groupsOf, realizedBy, sum, type Realized } from './figures.js';
import { jsonOf, textOf } from './program.js';

/** The figures of `tradebot day --json`. */
export interface DaySaid {
  readonly ok: boolean;
  readonly days: readonly {
    readonly date: string;
    readonly outcome: string;
    readonly run: string;
    readonly signals: number;
    readonly orders: number;
    readonly fills: number;
    readonly trades: number;
    readonly grossPnl: string;
    readonly fees: string;
    readonly netPnl: string;
    readonly strategies: readonly {
      strategy: string;
      grossPnl: string;
      fees: string;
      netPnl: string;
      signals: number;
    }[];
    readonly refusals: readonly { readonly strategy: string; readonly symbol: string; readonly code: string }[];
    readonly reconciliation: { readonly ok: boolean; readonly cashLedger: string; readonly cashBroker: string };
  }[];
  readonly trialBalance: {
    readonly balanced: boolean;
    readonly accounts: readonly { readonly code: string; readonly debit: string; readonly credit: string }[];
  };
  readonly journal: { readonly events: number; readonly head: string };
}

interface PnlTexts {
  readonly gross_pnl: string;
  readonly fees: string;
  readonly PnL: string;
}

const NOTHING: Realized = { gross: 0n, fees: 0n, net: 0n };

const realizedOf = ({ gross_pnl, fees, PnL }: PnlTexts): Realized => ({
  gross: centsOf(gross_pnl),
  fees: centsOf(fees),
  net: centsOf(PnL),
});

const total = (parts: Iterable<Realized>): Realized => {
  const all = [...parts];
  return {
    gross: sum(all.map(({ gross }) => gross)),
    fees: sum(all.map(({ fees }) => fees)),
    net: sum(all.map(({ net }) => net)),
  };
};

/** Every output of `dates` in one home against plain SQL on the ledger file, to the cent. */
export async function expectAgreement(paths: HomePaths, dates: readonly string[], said: DaySaid): Promise<void> {
  expectSummaryOfCommand(paths, said);
  for (const date of dates) {
    expectDailySummary(paths, date);
    expectTradeHistory(paths, date);
    await expectExports(paths, date);
    expectBroker(paths, date);
  }
  const last = dates.at(-1)!;
  expect(textOf(paths.output.dailySummary)).toBe(textOf(paths.dailySummaryOf(parseDateText(last))));
  expectStatus(paths, last);
}

function expectSummaryOfCommand(paths: HomePaths, said: DaySaid): void {
  const { ledgerDb } = paths.output;
  for (const day of said.days) {
    const realized = realizedBy(ledgerDb, day.date);
    for (const { strategy, grossPnl, fees, netPnl } of day.strategies) {
      const expected = realized.get(strategy) ?? NOTHING;
      const reported = realizedOf({ gross_pnl: grossPnl, fees, PnL: netPnl });
      expect({ date: day.date, strategy, ...reported }).toEqual({ date: day.date, strategy, ...expected });
    }
    expect(realizedOf({ gross_pnl: day.grossPnl, fees: day.fees, PnL: day.netPnl })).toEqual(total(realized.values()));
    const { cash } = figuresAt(ledgerDb, day.date);
    const { ok, cashLedger, cashBroker } = day.reconciliation;
    expect({ ok, cashLedger: centsOf(cashLedger), cashBroker: centsOf(cashBroker) }).toEqual({
      ok: true,
      cashLedger: cash,
      cashBroker: cash,
    });
  }
  const balances = said.trialBalance.accounts.map(({ code, debit, credit }): [string, bigint] => [
    code,
    centsOf(debit) - centsOf(credit),
  ]);
  expect(said.trialBalance.balanced).toBe(true);
  expect(Object.fromEntries(balances.filter(([, balance]) => balance !== 0n))).toEqual(figuresAt(ledgerDb).accounts);
}

function expectDailySummary(paths: HomePaths, date: string): void {
  interface Summary extends PnlTexts {
    readonly strategies: Readonly<Record<string, PnlTexts>>;
    readonly closing_equity: string;
    readonly opening_equity: string;
    readonly checks: Readonly<Record<string, boolean>>;
  }
  const { ledgerDb } = paths.output;
  const summary = jsonOf<Summary>(paths.dailySummaryOf(parseDateText(date)));
  const realized = realizedBy(ledgerDb, date);
  expect({ date, ...realizedOf(summary) }).toEqual({ date, ...total(realized.values()) });
  for (const [strategy, figures] of Object.entries(summary.strategies)) {
    expect({ date, strategy, ...realizedOf(figures) }).toEqual({
      date,
      strategy,
      ...(realized.get(strategy) ?? NOTHING),
    });
  }
  const equity = figuresAt(ledgerDb, date).equity;
  expect(centsOf(summary.closing_equity)).toBe(equity);
  expect(centsOf(summary.opening_equity) + centsOf(summary.PnL)).toBe(equity);
  expect(Object.values(summary.checks)).toEqual([true, true]);
}

function expectTradeHistory(paths: HomePaths, date: string): void {
  type Trade = PnlTexts & { readonly session_date: string; readonly strategy_name: string };
  const json = jsonOf<readonly Trade[]>(paths.output.tradeHistoryJson);
  const csv = parseCsv(textOf(paths.output.tradeHistoryCsv)) as unknown as readonly Trade[];
  for (const trades of [json, csv]) {
    const ofDay = trades.filter((trade) => trade.session_date === date);
    const strategies = new Set(ofDay.map((trade) => trade.strategy_name));
    const sums = [...strategies].map((strategy): [string, Realized] => [
      strategy,
      total(ofDay.filter((trade) => trade.strategy_name === strategy).map(realizedOf)),
    ]);
    expect(Object.fromEntries(sums)).toEqual(Object.fromEntries(realizedBy(paths.output.ledgerDb, date)));
  }
}

async function expectExports(paths: HomePaths, date: string): Promise<void> {
  const name = `session_${date}`;
  await expectOfx(paths, textOf(paths.exportFile('ofx', name)), date);
  expectCsv(paths, textOf(paths.exportFile('csv', name)), date);
  expectJson(paths, textOf(paths.exportFile('json', name)), date);
  expectHledger(paths, paths.exportFile('hledger', name), date);
}

async function expectOfx(paths: HomePaths, text: string, date: string): Promise<void> {
  const statement = await readOfx(text);
  const { cash, positions } = figuresAt(paths.output.ledgerDb, date);
  const groups = groupsOf(paths.output.ledgerDb, date).filter((group) => group.net_amount !== 0n);
  expect(statement.cash).toBe(cash);
  expect(statement.positions).toHaveLength(Object.keys(positions).length);
  const reported = statement.transactions.map(
    ({ fitid, symbol, units, unitPrice, commission, fees, cash: amount }) => ({
      fitid,
      symbol,
      quantity: units?.replace('-', '') ?? null,
      price: unitPrice,
      charges: (commission ?? 0n) + (fees ?? 0n),
      amount,
    }),
  );
  expect(reported.sort((a, b) => (a.fitid < b.fitid ? -1 : 1))).toEqual(
    groups.map(({ fitid, symbol, quantity, price, commission, fee, net_amount }) => ({
      fitid,
      symbol,
      quantity,
      price,
      charges: commission + fee,
      amount: net_amount,
    })),
  );
}

function expectCsv(paths: HomePaths, text: string, date: string): void {
  const rows = parseCsv(text);
  const moved: Record<string, bigint> = {};
  for (const row of rows) {
    const account = row['account_code'] ?? '';
    moved[account] = (moved[account] ?? 0n) + centsOf(row['debit']) - centsOf(row['credit']);
  }
  expect(withoutZeros(moved)).toEqual(movement(paths, date));
  expect([...new Set(rows.map((row) => row['FITID']))].sort()).toEqual(
    groupsOf(paths.output.ledgerDb, date).map(({ fitid }) => fitid),
  );
}

function expectJson(paths: HomePaths, text: string, date: string): void {
  interface Balance {
    readonly accountCode: string;
    readonly balance: string;
  }
  const books = JSON.parse(text) as {
    readonly cash: string;
    readonly openingBalances: readonly Balance[];
    readonly closingBalances: readonly Balance[];
    readonly groups: readonly { readonly fitid: string; readonly netAmount: string }[];
  };
  const asMap = (balances: readonly Balance[]): Record<string, bigint> =>
    withoutZeros(Object.fromEntries(balances.map(({ accountCode, balance }) => [accountCode, centsOf(balance)])));
  const { ledgerDb } = paths.output;
  expect(centsOf(books.cash)).toBe(figuresAt(ledgerDb, date).cash);
  expect(asMap(books.openingBalances)).toEqual(figuresAt(ledgerDb, dayBefore(date)).accounts);
  expect(asMap(books.closingBalances)).toEqual(figuresAt(ledgerDb, date).accounts);
  expect(Object.fromEntries(books.groups.map(({ fitid, netAmount }) => [fitid, centsOf(netAmount)]))).toEqual(
    Object.fromEntries(groupsOf(ledgerDb, date).map(({ fitid, net_amount }) => [fitid, net_amount])),
  );
}

/** Balances at the end of the session, with the income and expenses of the session alone: earlier ones are not carried. */
function alone(paths: HomePaths, date: string): Readonly<Record<string, bigint>> {
  const results = Object.entries(movement(paths, date)).filter(([code]) => RESULT_ACCOUNT.test(code));
  const carried = Object.entries(figuresAt(paths.output.ledgerDb, date).accounts);
  return Object.fromEntries([...carried.filter(([code]) => !RESULT_ACCOUNT.test(code)), ...results]);
}

/** Income and expenses in the default chart. */
const RESULT_ACCOUNT = /^[45]/;

/** The postings of the text, added up. */
function expectHledger(paths: HomePaths, path: string, date: string): void {
  const expected = alone(paths, date);
  const sums: Record<string, bigint> = {};
  for (const line of textOf(path).split('\n')) {
    const posting = /^ {4}[A-Z][^;]*:(\d{4}) [^;]*? {2}(?:= )?USD (-?[\d.]+)/.exec(line);
    if (posting === null) continue;
    const [, code = '', amount = ''] = posting;
    sums[code] = (sums[code] ?? 0n) + centsOf(amount);
  }
  expect(withoutZeros(sums)).toEqual(expected);
}

/** hledger accepts the export of a session, and its balances are those of the ledger. */
export function expectHledgerReads(command: string, paths: HomePaths, date: string): void {
  const path = paths.exportFile('hledger', `session_${date}`);
  const checked = spawnSync(command, ['-f', path, 'check', '--strict'], { encoding: 'utf8' });
  expect({ code: checked.status, err: checked.stderr }).toEqual({ code: 0, err: '' });
  const { stdout } = spawnSync(command, ['-f', path, 'balance', '-N', '--flat', '-O', 'csv'], { encoding: 'utf8' });
  const balances = parseCsv(stdout).map(({ account = '', balance = '' }): [string, bigint] => [
    /:(\d{4}) [^:]*$/.exec(account)?.[1] ?? account,
    centsOf(balance.replace('USD ', '')),
  ]);
  const inChart = Object.fromEntries(balances.filter(([code]) => code !== 'Equity:Results before the range'));
  expect(inChart).toEqual(alone(paths, date));
}

function expectBroker(paths: HomePaths, date: string): void {
  const { cash, positions } = figuresAt(paths.output.ledgerDb, date);
  expect({ date, ...brokerFigures(paths.storage.simBrokerDb, date) }).toEqual({ date, cash, positions });
}

function expectStatus(paths: HomePaths, last: string): void {
  interface Status {
    readonly equity: string;
    readonly cash: string;
    readonly NAV: string;
    readonly daily_gain_loss: string;
    readonly daily: PnlTexts;
    readonly cumulative: PnlTexts;
    readonly open_positions: readonly { readonly ticker: string; readonly size: string }[];
    readonly strategy_last_run: Readonly<Record<string, { readonly date: string; readonly PnL: string } | null>>;
    readonly overall: { readonly status: string };
    readonly session: { readonly state: string; readonly date: string };
  }
  const { ledgerDb } = paths.output;
  const status = jsonOf<Status>(paths.output.statusJson);
  expect(textOf(paths.output.statusMirror)).toBe(textOf(paths.output.statusJson));
  const { cash, equity, gross, fees, net, positions } = figuresAt(ledgerDb);
  const realized = realizedBy(ledgerDb, last);
  const today = total(realized.values());
  expect(status.session).toMatchObject({ state: 'CLOSED', date: last });
  expect([status.cash, status.equity, status.NAV].map(centsOf)).toEqual([cash, equity, equity]);
  expect(realizedOf(status.cumulative)).toEqual({ gross, fees, net });
  expect(realizedOf(status.daily)).toEqual(today);
  expect(centsOf(status.daily_gain_loss)).toBe(today.net);
  expect(Object.fromEntries(status.open_positions.map(({ ticker, size }) => [ticker, size]))).toEqual(positions);
  for (const [strategy, run] of Object.entries(status.strategy_last_run)) {
    if (run?.date === last) expect(centsOf(run.PnL)).toBe((realized.get(strategy) ?? NOTHING).net);
  }
}

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);
}

function movement(paths: HomePaths, date: string): Readonly<Record<string, bigint>> {
  const before = figuresAt(paths.output.ledgerDb, dayBefore(date)).accounts;
  const after = figuresAt(paths.output.ledgerDb, date).accounts;
  const codes = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return withoutZeros(Object.fromEntries(codes.map((code) => [code, (after[code] ?? 0n) - (before[code] ?? 0n)])));
}

function withoutZeros(amounts: Readonly<Record<string, bigint>>): Record<string, bigint> {
  return Object.fromEntries(
    Object.entries(amounts)
      .filter(([, amount]) => amount !== 0n)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
