import { describe, expect, test } from '@jest/globals';
import { renderBeancount } from '../../../projections/exports/beancount.js';
import { CSV_COLUMNS, renderCsv } from '../../../projections/exports/csv.js';
import { renderHledger } from '../../../projections/exports/hledger.js';
import { renderJson } from '../../../projections/exports/json.js';
import { asciiLine, oneLine } from '../../../projections/exports/text.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import { canonicalJson } from '../../../src/kernel/canonical-json.js';
import { cents, centsFromText } from '../../../src/kernel/money.js';
import { readBeancount } from '../support/beancount-reader.js';
import { CHART, dayAfter, fullDay, GroupBuilder, statementOf } from '../support/groups.js';

/** A small RFC 4180 reader, quotes and all. */
function readCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gu)) {
    row.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  const [head = [], ...body] = rows;
  return body.map((fields) => Object.fromEntries(head.map((name, index) => [name, fields[index] ?? ''])));
}

const sum = (rows: readonly Readonly<Record<string, string>>[], column: string): bigint =>
  rows.reduce((total, row) => total + (row[column] === '' ? 0n : centsFromText(row[column] ?? '')), 0n);

describe('csv', () => {
  test('one row per leg with the columns of ACC-8, debits equal credits, and columns can be summed', () => {
    const input = fullDay();
    const rows = readCsv(renderCsv(input));
    expect(rows).toHaveLength(input.groups.flatMap(({ legs }) => legs).length);
    expect(Object.keys(rows[0] ?? {})).toEqual([...CSV_COLUMNS]);
    expect(sum(rows, 'debit')).toBe(sum(rows, 'credit'));
    expect(sum(rows, 'net_amount')).toBe(input.cash);
    const cash = rows.filter((row) => row['account_code'] === '1030');
    expect(sum(cash, 'debit') - sum(cash, 'credit')).toBe(input.cash);
  });

  test('commas, quotes and line ends stay in their field, and a formula is plain text', () => {
    const day = new GroupBuilder();
    day.cash('FEE', '-1.00', '5010', { description: 'one, "two"\nthree' });
    day.cash('FEE', '-1.00', '5010', { description: '=HYPERLINK("x")', external: '@id' });
    const text = renderCsv(statementOf(day.groups));
    const rows = readCsv(text);
    expect(rows[0]?.['description']).toBe('one, "two" three');
    expect([rows[2]?.['description'], rows[2]?.['external_id']]).toEqual([`'=HYPERLINK("x")`, `'@id`]);
    expect(rows[0]?.['net_amount']).toBe('-1.00');
    expect(text.split('\r\n')).toHaveLength(6);
  });
});

describe('json', () => {
  test('it is canonical, ends with a line end, and every amount is text', () => {
    const text = renderJson(fullDay());
    const books = JSON.parse(text) as Readonly<Record<string, unknown>>;
    expect(text).toBe(`${canonicalJson(books)}\n`);
    expect(books).toMatchObject({
      format: 'tradebot-books',
      botIdentity: 'DEMO_US_SIM_B01',
      cash: '100142.25',
      totals: { groups: 16, transactions: 15, closingCash: '100142.25', commissions: '2.30' },
    });
    expect(text).not.toMatch(/"(debit|credit|netAmount|balance|marketValue|commission|fee)":[^"]/u);
  });

  test('further members of an object do not change the bytes', () => {
    const input = fullDay();
    const groups = input.groups.map((group) => ({
      ...group,
      line: 1n,
      legs: group.legs.map((leg) => ({ ...leg, n: 1n })),
    }));
    const accounts = input.accounts.map((account) => ({ ...account, active: true }));
    expect(renderJson({ ...input, groups, accounts })).toBe(renderJson(input));
  });
});

describe('beancount', () => {
  test('a statement is right alone, and together with the one before it each balance is that of the ledger', () => {
    const [first, second] = [fullDay(), dayAfter()];
    const sums = (balances: readonly { accountCode: string; balance: bigint }[]): object =>
      Object.fromEntries(balances.map(({ accountCode, balance }) => [accountCode, balance]));
    expect(readBeancount(renderBeancount(first))).toMatchObject({
      errors: [],
      balances: sums(statementTotals(first).trialBalance),
    });
    const alone = readBeancount(renderBeancount(second));
    expect(alone.errors).toEqual([]);
    expect(alone.balances).toMatchObject({ '1030': second.cash, '4050': -2_500n, '4060': -4_800n, '5010': 100n });
    const both = readBeancount(renderBeancount(first) + renderBeancount(second));
    expect(both).toMatchObject({ errors: [], balances: sums(statementTotals(second).trialBalance) });
  });

  test('a balance of about a dollar is padded too, and a changed amount is found', () => {
    const openingBalances = [
      { accountCode: '1030', balance: cents(101n) },
      { accountCode: '1111', balance: cents(-1n) },
      { accountCode: '3030', balance: cents(-100n) },
    ];
    const text = renderBeancount(statementOf([], { openingBalances }));
    expect(readBeancount(text)).toMatchObject({ errors: [], balances: { '1030': 101n, '1111': -1n, '3030': -100n } });
    const changed = renderBeancount(dayAfter()).replaceAll('48.00 USD', '49.00 USD');
    expect(readBeancount(changed).errors).toEqual([
      expect.stringContaining('balance of Assets:1030-Broker-Cash failed'),
    ]);
  });

  test('names and descriptions cannot end an account or a text', () => {
    const day = new GroupBuilder();
    day.cash('FEE', '-1.00', '5010', { description: 'a "b" \\ c\n2013-10-07 * "x"' });
    const accounts = CHART.map((account) => (account.code === '5010' ? { ...account, name: ' Fée: "a;b" ' } : account));
    const text = renderBeancount(statementOf(day.groups, { accounts }));
    expect(text).toContain('2013-10-07 * "FEE" "a \\"b\\" \\\\ c 2013-10-07 * \\"x\\""\n');
    expect(text).toContain('  Expenses:5010-Fee-a-b  1.00 USD\n');
    expect(readBeancount(text)).toMatchObject({ errors: [], transactions: 1 });
  });

  test('shares without a cent are on it with their sign', () => {
    const text = renderBeancount(dayAfter());
    expect([...text.matchAll(/shares: "([^"]+)"/gu)].map(([, shares]) => shares)).toEqual(['10', '0.000001', '-4']);
  });
});

describe('hledger', () => {
  test('accounts are chart paths with codes, shares are tags, times and ids are kept', () => {
    const day = new GroupBuilder();
    const group = day.buy({ symbol: 'SPY', quantity: '0.5', price: '167.44' });
    const text = renderHledger(statementOf(day.groups));
    expect(text).toContain(
      '    Assets:1100 Assets:1111 Broker Equities  USD 83.72  ; symbol:SPY, quantity:0.5, price:167.44\n' +
        '    Assets:1000 Bank and Cash:1030 Broker Cash  USD -83.72',
    );
    for (const id of [group.fitid, group.sourceEventId, group.sourcePosition, group.datetimeUtc]) {
      expect(text).toContain(`:${id}`);
    }
    expect(text).not.toContain('9100');
  });

  test('names and descriptions cannot end an account, a comment or a tag', () => {
    const day = new GroupBuilder();
    day.cash('FEE', '-1.00', '5010', { description: 'a ; b | c\n2013-10-07 * x', external: 'e,f: g\nh' });
    const accounts = CHART.map((account) => (account.code === '5010' ? { ...account, name: 'Fee:  a;b' } : account));
    const text = renderHledger(statementOf(day.groups, { accounts }));
    expect(text).toContain('2013-10-07 * (FEE) a , b , c 2013-10-07 * x\n');
    expect(text).toContain('external:e f: g h\n');
    expect(text).toContain('Expenses:5000 Expenses:5010 Fee- a,b  USD 1.00');
  });

  test('a chart with a cycle is refused', () => {
    const accounts = CHART.map((account) => (account.code === '1000' ? { ...account, parent: '1030' } : account));
    expect(() => renderHledger(statementOf([], { accounts }))).toThrow(/levels deep/u);
  });
});

test.each([
  ['  a \t\r\n b  ', 'a b'],
  ['a\u0000\u0085\u2028b', 'a b'],
  ['a\u202e\ufeff\u200bb', 'ab'],
  ['\ud800x\udfff \u{1f600}', 'x \u{1f600}'],
])('one line of %j is %j', (text, expected) => expect(oneLine(text)).toBe(expected));

test('text is cut between characters', () => {
  expect(oneLine('\u{1f600}'.repeat(5), 3)).toBe('\u{1f600}'.repeat(3));
  expect(oneLine('ab cd', 3)).toBe('ab');
});

test.each([
  ['Société Générale', 'Societe Generale'],
  ['‘a’ “b” – c', `'a' "b" - c`],
  ['\u{1f600} 東', '? ?'],
  ['\u00a0x', 'x'],
])('the ASCII of %j is %j', (text, expected) => expect(asciiLine(text, 32)).toBe(expected));
