import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderCsv } from '../../../projections/exports/csv.js';
import { renderHledger } from '../../../projections/exports/hledger.js';
import { renderJson } from '../../../projections/exports/json.js';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { centsFromText } from '../../../src/kernel/money.js';
import { type FillSpec, GroupBuilder, statementOf } from '../../unit/support/groups.js';
import { readOfx, totalError } from '../../unit/support/ofx-reader.js';

const HALF_A_CENT = Decimal.parse('0.005');
const RUNS = { seed: 20_131_007, numRuns: 40 };

const scaled = (scale: number, min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((units) => Decimal.of(units, scale).text());

const fill: fc.Arbitrary<FillSpec> = fc.record({
  symbol: fc.constantFrom('SPY', 'AIG', 'BRK.B'),
  quantity: fc.oneof(scaled(0, 1, 5000), scaled(6, 100_000, 2_000_000_000)),
  price: scaled(4, 1_000, 9_000_000),
  commission: scaled(2, 0, 1_000),
  fee: scaled(2, 0, 100),
  lots: scaled(2, 1, 90_000_000),
  description: fc.string({ unit: 'grapheme', maxLength: 300 }),
});

const amount = scaled(2, 1, 900_000_000);
const text = fc.string({ unit: 'binary', maxLength: 40 });

type Step = (day: GroupBuilder) => unknown;
const step: fc.Arbitrary<Step> = fc.oneof(
  fill.map(
    (spec): Step =>
      (day) =>
        day.buy(spec),
  ),
  fill.map(
    (spec): Step =>
      (day) =>
        day.sell(spec),
  ),
  fill.map(
    (spec): Step =>
      (day) =>
        day.sellShort(spec),
  ),
  fill.map(
    (spec): Step =>
      (day) =>
        day.cover(spec),
  ),
  fc.tuple(amount, text).map(
    ([value, description]): Step =>
      (day) =>
        day.cash('DEPOSIT', value, '1010', { description }),
  ),
  amount.map(
    (value): Step =>
      (day) =>
        day.cash('WITHDRAWAL', `-${value}`, '1020'),
  ),
  amount.map(
    (value): Step =>
      (day) =>
        day.cash('FEE', `-${value}`, '5010'),
  ),
  amount.map(
    (value): Step =>
      (day) =>
        day.cash('DIVIDEND', value, '4050', { symbol: 'SPY' }),
  ),
  fc.constantFrom('mirrored' as const, 'kept' as const).map((figures): Step => (day) => {
    const last = day.groups.at(-1);
    return last?.reverses === null ? day.reverse(last, figures) : undefined;
  }),
);

const groups = fc.array(step, { maxLength: 20 }).map((steps) => {
  const day = new GroupBuilder();
  for (const post of steps) post(day);
  return day.groups;
});

describe('any books, exported and read back', () => {
  test('OFX: every group once, each TOTAL exact, sums equal to the ledger', async () => {
    await fc.assert(
      fc.asyncProperty(groups, async (made) => {
        const input = statementOf(made);
        const totals = statementTotals(input);
        const { transactions, cash } = await readOfx(renderOfx22(input));
        expect(cash).toBe(input.cash);
        expect(transactions.reduce((sum, transaction) => sum + transaction.cash, 0n)).toBe(input.cash);
        expect(transactions.reduce((sum, { commission }) => sum + (commission ?? 0n), 0n)).toBe(totals.commissions);
        expect(transactions.map(({ fitid }) => fitid).sort()).toEqual(made.map(({ fitid }) => fitid).sort());
        for (const transaction of transactions.filter(({ unitPrice }) => unitPrice !== null)) {
          expect(totalError(transaction).lte(HALF_A_CENT)).toBe(true);
          expect(transaction.units?.startsWith('-')).toBe(transaction.tag === 'SELLSTOCK');
        }
      }),
      RUNS,
    );
  });

  test('CSV, JSON and hledger: every leg once, one line each, the same sums', () => {
    fc.assert(
      fc.property(groups, (made) => {
        const input = statementOf(made);
        const legs = made.flatMap((group) => group.legs);
        const rows = renderCsv(input).trimEnd().split('\r\n').slice(1);
        expect(rows).toHaveLength(legs.length);
        const books = JSON.parse(renderJson(input)) as { groups: { legs: { debit: string; credit: string }[] }[] };
        const read = books.groups.flatMap((group) => group.legs);
        expect(read.map((leg) => centsFromText(leg.debit) - centsFromText(leg.credit))).toEqual(
          legs.map((leg) => leg.debit - leg.credit),
        );
        const journal = renderHledger(input).split('\n');
        const postings = journal.filter(
          (line) => /^ {4}[A-Z].* {2}USD -?\d+\.\d\d(?: {2};|$)/u.test(line) && !line.includes(' = '),
        );
        expect(postings.map((line) => centsFromText(/ {2}USD (\S+)/u.exec(line)?.[1] ?? ''))).toEqual(
          legs.map((leg) => leg.debit - leg.credit),
        );
      }),
      RUNS,
    );
  });

  test('the same input gives the same bytes', () => {
    fc.assert(
      fc.property(groups, (made) => {
        for (const render of [renderOfx22, renderCsv, renderJson, renderHledger]) {
          expect(render(statementOf(made))).toBe(render(statementOf(structuredClone(made))));
        }
      }),
      { ...RUNS, numRuns: 20 },
    );
  });
});
