import { afterAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StatementInput } from '../../projections/exports/statement.js';
import { openLedger } from '../../src/adapters/ledger-reader/open-ledger.js';
import { EXPORT_FORMATS, renderExport } from '../../src/app/exports/export-books.js';
import { statementSource } from '../../src/composition/statement-source.js';
import type { EventData, Position, RecordedEvent } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { parseDateText, type UtcText } from '../../src/kernel/time.js';
import { testNeeding, tool } from '../support/needs.js';
import { BOT } from '../unit/support/events.js';
import { readBeancount } from '../unit/support/beancount-reader.js';
import { readOfx } from '../unit/support/ofx-reader.js';
import { BOOKS, parseCsv, ReportHome } from '../unit/support/report-home.js';
import { tradedTape, type TradedTape } from './support/second-tape.js';
import { plainText, secondBooks, type SecondBooks } from './support/second-books.js';

const PARTS = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };
const hledger = tool('hledger');
const cents = (text: string): bigint => BigInt(text.replace('.', ''));
const money = (amount: bigint): string => plainText(amount, 2, 2);

type Sums = Readonly<Record<string, bigint>>;

function change(before: Sums, after: Sums): Sums {
  const codes = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changes = codes.map((code): [string, bigint] => [code, (after[code] ?? 0n) - (before[code] ?? 0n)]);
  return Object.fromEntries(changes.filter(([, amount]) => amount !== 0n));
}

function sumsOf(rows: Iterable<readonly [string, bigint]>): Sums {
  const sums = new Map<string, bigint>();
  for (const [code, amount] of rows) sums.set(code, (sums.get(code) ?? 0n) + amount);
  return Object.fromEntries([...sums].filter(([, amount]) => amount !== 0n).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function unitsOf(rows: Iterable<readonly [string, Decimal]>): Readonly<Record<string, string>> {
  const units = new Map<string, Decimal>();
  for (const [symbol, shares] of rows) units.set(symbol, (units.get(symbol) ?? Decimal.ZERO).plus(shares));
  const moved = [...units].filter(([, shares]) => !shares.isZero()).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(moved.map(([symbol, shares]) => [symbol, shares.shortText()]));
}

function unitsMoved(before: SecondBooks, after: SecondBooks): Readonly<Record<string, string>> {
  const of = ({ shares }: SecondBooks, sign: bigint): readonly (readonly [string, Decimal])[] =>
    Object.entries(shares).map(([symbol, text]) => [symbol, Decimal.parse(text).times(Decimal.of(sign, 0))]);
  return unitsOf([...of(before, -1n), ...of(after, 1n)]);
}

/** A statement of the tape with the books before and after it, recomputed. */
interface Recomputed {
  readonly input: StatementInput;
  readonly before: SecondBooks;
  readonly after: SecondBooks;
}

const rangeOf = (opened: EventData<'SessionOpened'>, before: UtcText | undefined): StatementInput['range'] => ({
  from: before ?? (new Date(Date.parse(opened.closesAt) - 86_400_000).toISOString() as UtcText),
  to: opened.closesAt,
});

/** One statement a session, from its end back to the end of the one before; the last one to the end of the tape. */
function statementsOf({ tape }: TradedTape, paths: ReportHome['paths']): readonly Recomputed[] {
  const source = statementSource({ paths, identity: BOT, identityParts: PARTS, codes: BOOKS.codes });
  const made: Recomputed[] = [];
  let [after, closed, opened] = [null as Position | null, undefined as UtcText | undefined, undefined as unknown];
  const upToThere = (position: Position | null): readonly RecordedEvent[] =>
    tape.events.filter((event) => position !== null && event.position <= position);
  const last = tape.events.at(-1)?.position;
  for (const event of tape.events) {
    if (event.type === 'SessionOpened') opened = event.data;
    if (event.type !== 'SessionClosed') continue;
    const isLast = !tape.events.some(({ type, position }) => type === 'SessionClosed' && position > event.position);
    const upTo = isLast && last !== undefined ? last : event.position;
    const range = rangeOf(opened as EventData<'SessionOpened'>, closed);
    made.push({
      input: source({ range, entries: { after, upTo } }),
      before: secondBooks(upToThere(after)),
      after: secondBooks(upToThere(upTo)),
    });
    [after, closed] = [upTo, range.to];
  }
  return made;
}

function expectCsv({ input, before, after }: Recomputed): readonly string[] {
  const rows = parseCsv(renderExport('csv', input).replaceAll('\r', ''));
  const moved = rows.map((row): [string, bigint] => [
    row['account_code'] ?? '',
    cents(row['debit'] ?? '') - cents(row['credit'] ?? ''),
  ]);
  expect(sumsOf(moved)).toEqual(change(before.accounts, after.accounts));
  const net = rows.filter((row) => row['net_amount'] !== '' && row['TRNTYPE'] !== 'FLOATIN');
  expect(net.reduce((sum, row) => sum + cents(row['net_amount'] ?? '0'), 0n)).toBe(after.cash - before.cash);
  const shares = rows
    .filter((row) => row['quantity'] !== '')
    .map((row): [string, Decimal] => {
      const quantity = Decimal.parse(row['quantity'] ?? '0');
      const isOut = row['account_code'] !== '' && row['debit'] === '0.00';
      return [row['symbol'] ?? '', isOut ? quantity.negated() : quantity];
    });
  expect(unitsOf(shares)).toEqual(unitsMoved(before, after));
  return [...new Set(rows.map((row) => row['FITID'] ?? ''))];
}

interface Books {
  readonly cash: string;
  readonly shortBalance: string;
  readonly openingBalances: readonly { readonly accountCode: string; readonly balance: string }[];
  readonly closingBalances: readonly { readonly accountCode: string; readonly balance: string }[];
  readonly positions: readonly Readonly<Record<string, string>>[];
}

function expectJson({ input, before, after }: Recomputed): void {
  const books = JSON.parse(renderExport('json', input)) as Books;
  const sums = (balances: Books['openingBalances']): Sums =>
    sumsOf(balances.map(({ accountCode, balance }) => [accountCode, cents(balance)]));
  expect(sums(books.openingBalances)).toEqual(before.accounts);
  expect(sums(books.closingBalances)).toEqual(after.accounts);
  expect(books.cash).toBe(money(after.cash));
  expect(books.positions).toEqual(
    after.held.map(({ symbol, side, quantity, averageCost, unitPrice, value, pricedAt }) => ({
      ...{ symbol, side, quantity, averageCost, unitPrice },
      marketValue: money(value),
      priceAsOf: pricedAt,
    })),
  );
  const shorts = after.held.filter(({ side }) => side === 'short');
  expect(books.shortBalance).toBe(money(shorts.reduce((sum, { value }) => sum + value, 0n)));
}

async function expectOfx({ input, before, after }: Recomputed): Promise<readonly string[]> {
  const text = renderExport('ofx', input);
  const read = await readOfx(text);
  expect(read.cash).toBe(after.cash);
  expect(read.transactions.reduce((sum, { cash }) => sum + cash, 0n)).toBe(after.cash - before.cash);
  const moved = read.transactions.flatMap(({ symbol, units }): readonly (readonly [string, Decimal])[] =>
    symbol === null || units === null ? [] : [[symbol, Decimal.parse(units)]],
  );
  expect(unitsOf(moved)).toEqual(unitsMoved(before, after));
  expect(Object.fromEntries(read.positions.map(({ symbol, units }) => [symbol, units]))).toEqual(after.shares);
  expect([...text.matchAll(/Average cost ([\d.]+)/gu)].map(([, cost]) => cost)).toEqual(
    after.held.map(({ averageCost }) => averageCost),
  );
  return read.transactions.map(({ fitid }) => fitid);
}

const IS_RESULT = /^[45]/u;

/** Balances of an hledger text by plain addition: `=` sets a balance, everything else adds to it. */
function hledgerSums(text: string): Sums {
  const sums = new Map<string, bigint>();
  for (const line of text.split('\n')) {
    const [, code, set, amount] = /^ {4}[A-Z][^;]*:(\d{4}) [^;]*? {2}(= )?USD (-?[\d.]+)/u.exec(line) ?? [];
    if (code === undefined || amount === undefined) continue;
    sums.set(code, (set === undefined ? (sums.get(code) ?? 0n) : 0n) + cents(amount));
  }
  return sumsOf(sums);
}

/** Every month by itself, and all of them in one journal. */
function expectHledger(statements: readonly Recomputed[]): void {
  const texts = statements.map(({ input }) => renderExport('hledger', input));
  for (const [index, { before, after }] of statements.entries()) {
    const carried = Object.entries(after.accounts).filter(([code]) => !IS_RESULT.test(code));
    const results = Object.entries(change(before.accounts, after.accounts)).filter(([code]) => IS_RESULT.test(code));
    expect(hledgerSums(texts[index] ?? '')).toEqual(sumsOf([...carried, ...results]));
  }
  expect(hledgerSums(texts.join('\n'))).toEqual(statements.at(-1)?.after.accounts);
}

function expectBeancount(statements: readonly Recomputed[]): void {
  const texts = statements.map(({ input }) => renderExport('beancount', input));
  for (const [index, { before, after }] of statements.entries()) {
    const { balances, errors } = readBeancount(texts[index] ?? '');
    const carried = Object.entries(after.accounts).filter(([code]) => !IS_RESULT.test(code));
    const results = Object.entries(change(before.accounts, after.accounts)).filter(([code]) => IS_RESULT.test(code));
    expect([index, errors]).toEqual([index, []]);
    expect(sumsOf(Object.entries(balances).filter(([code]) => /^\d/u.test(code)))).toEqual(
      sumsOf([...carried, ...results]),
    );
  }
  const all = readBeancount(texts.join('\n'));
  expect([all.errors, all.balances]).toEqual([[], statements.at(-1)?.after.accounts]);
}

function expectLedger(path: string, { after }: Recomputed): void {
  const ledger = openLedger(path);
  try {
    const { cash, realized, fees } = ledger.figures();
    expect([cash, realized, fees]).toEqual([after.cash, after.gross, after.fees]);
    expect(sumsOf([...ledger.balances()])).toEqual(after.accounts);
    const shares = [...ledger.positions()].map(([symbol, quantity]) => [symbol, quantity.shortText()]);
    expect(Object.fromEntries(shares)).toEqual(after.shares);
  } finally {
    ledger.close();
  }
}

interface Figures {
  readonly gross_pnl: string;
  readonly fees: string;
}

function expectStatus(home: ReportHome, { after }: Recomputed): void {
  const status = home.json(home.paths.output.statusJson) as {
    readonly cash: string;
    readonly equity: string;
    readonly cumulative: Figures;
    readonly open_positions: readonly { readonly ticker: string; readonly size: string }[];
  };
  const equity = Object.entries(after.accounts).filter(([code]) => /^[12]/u.test(code));
  expect([status.cash, status.equity]).toEqual([
    money(after.cash),
    money(equity.reduce((sum, [, each]) => sum + each, 0n)),
  ]);
  expect([status.cumulative.gross_pnl, status.cumulative.fees]).toEqual([money(after.gross), money(after.fees)]);
  const held = status.open_positions.map(({ ticker, size }) => [ticker, size.replace('-', '')]).sort();
  expect(held).toEqual(after.held.map(({ symbol, quantity }) => [symbol, quantity]).sort());
}

/** The results of each session: what its summary says against the books at its end less those at its open. */
function expectSummaries(home: ReportHome, { tape }: TradedTape): void {
  let opened: SecondBooks | undefined;
  for (const [index, event] of tape.events.entries()) {
    if (event.type === 'SessionOpened') opened = secondBooks(tape.events.slice(0, index + 1));
    if (event.type !== 'SessionClosed' || opened === undefined) continue;
    const closed = secondBooks(tape.events.slice(0, index + 1));
    const summary = home.json(home.paths.dailySummaryOf(parseDateText(event.data.date))) as unknown as Figures;
    expect([event.data.date, summary.gross_pnl, summary.fees]).toEqual([
      event.data.date,
      money(closed.gross - opened.gross),
      money(closed.fees - opened.fees),
    ]);
  }
}

describe('every figure, recomputed from the events alone', () => {
  const seen = { transfers: 0, longTerm: 0, shorts: 0, fractions: 0, reversals: 0 };
  const count = (statements: readonly Recomputed[]): void => {
    for (const { input, after } of statements) {
      seen.transfers += input.transfers.length;
      seen.longTerm += after.accounts['4070'] === undefined ? 0 : 1;
      seen.shorts += after.held.filter(({ side }) => side === 'short').length;
      seen.fractions += after.held.filter(({ quantity }) => quantity.includes('.')).length;
      seen.reversals += input.groups.filter(({ reverses }) => reverses !== null).length;
    }
  };
  afterAll(() => {
    for (const [what, times] of Object.entries(seen)) expect([what, times > 0]).toEqual([what, true]);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'days of seed %d with shorts, fractions, busts, corrections, dividends and dust',
    async (seed) => {
      for (const disturbance of [0, 1, 2]) {
        const traded = await tradedTape(seed, disturbance);
        const home = new ReportHome('json', true);
        await home.run(traded.tape);
        const statements = statementsOf(traded, home.paths);
        count(statements);
        const last = statements.at(-1);
        if (last === undefined) throw new Error('the tape has no session');
        const fitids: string[] = [];
        for (const statement of statements) {
          const inCsv = expectCsv(statement);
          expectJson(statement);
          const inOfx = await expectOfx(statement);
          fitids.push(...inCsv);
          expect(new Set(inOfx).size).toBe(inOfx.length);
        }
        expect(new Set(fitids).size).toBe(fitids.length);
        expectHledger(statements);
        expectBeancount(statements);
        expectLedger(home.paths.output.ledgerDb, last);
        expectStatus(home, last);
        expectSummaries(home, traded);
        expect(traded.busts + traded.corrections > 0 || disturbance === 0).toBe(true);
      }
      expect(EXPORT_FORMATS).toEqual(['ofx', 'csv', 'json', 'hledger', 'beancount']);
    },
  );

  testNeeding(hledger)('hledger reads the statements of disturbed days one by one and in one journal', async () => {
    const traded = await tradedTape(1, 1);
    const home = new ReportHome('json', true);
    await home.run(traded.tape);
    const statements = statementsOf(traded, home.paths);
    const texts = statements.map(({ input }) => renderExport('hledger', input));
    for (const [index, text] of [...texts, texts.join('\n')].entries()) {
      const path = join(home.home, `${index}.journal`);
      writeFileSync(path, text);
      const { status, stderr } = spawnSync('hledger', ['-f', path, 'check', '--strict'], { encoding: 'utf8' });
      expect([index, status, stderr]).toEqual([index, 0, '']);
    }
  });
});
