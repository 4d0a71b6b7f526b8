import { describe, expect, test } from '@jest/globals';
import { renderCsv } from '../../../projections/exports/csv.js';
import { renderHledger } from '../../../projections/exports/hledger.js';
import { renderJson } from '../../../projections/exports/json.js';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import type { StatementInput } from '../../../projections/exports/statement.js';
import { statementTotals } from '../../../projections/exports/totals.js';
import type { LedgerGroup } from '../../../src/domain/accounting/types.js';
import type { DecimalText } from '../../../src/kernel/decimal.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { type Cents, cents } from '../../../src/kernel/money.js';
import { fullDay, GroupBuilder, statementOf } from '../support/groups.js';

/** A day of one buy, with its group changed; the stated cash stays what the true group comes to. */
function altered(change: (group: LedgerGroup) => Partial<LedgerGroup>): StatementInput {
  const day = new GroupBuilder();
  const group = day.buy({ symbol: 'SPY', quantity: '10', price: '167.44', commission: '0.35' });
  return { ...statementOf([group]), groups: [{ ...group, ...change(group) }] };
}

function firstLeg(group: LedgerGroup, change: object): Partial<LedgerGroup> {
  const [first, ...rest] = group.legs;
  return { legs: [{ ...first, ...change } as LedgerGroup['legs'][number], ...rest] };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof TradeBotError) return error.code;
    throw error;
  }
  return 'no error';
}

const plus = (amount: Cents): Cents => cents(amount + 1n);

const BROKEN: readonly (readonly [string, StatementInput])[] = [
  ['EXPORT_UNBALANCED_GROUP', altered((group) => firstLeg(group, { debit: cents(1n) }))],
  ['EXPORT_TOO_FEW_LEGS', altered((group) => ({ legs: group.legs.slice(0, 1) }))],
  ['EXPORT_UNKNOWN_ACCOUNT', altered((group) => firstLeg(group, { accountCode: '7777' }))],
  ['EXPORT_CONTROL_ACCOUNT', altered((group) => firstLeg(group, { accountCode: '9100' }))],
  ['EXPORT_NET_AMOUNT', altered((group) => ({ netAmount: plus(group.netAmount) }))],
  ['EXPORT_TOTAL_IDENTITY', altered((group) => ({ commission: plus(group.commission) }))],
  ['EXPORT_TOTAL_IDENTITY', altered(() => ({ price: '167.45' as DecimalText }))],
  ['EXPORT_SIDE_MISMATCH', altered(() => ({ trntype: 'SELL' as const }))],
  ['EXPORT_TRADE_INCOMPLETE', altered(() => ({ price: null }))],
  ['EXPORT_CASH_MISMATCH', { ...fullDay(), cash: plus(fullDay().cash) }],
  ['EXPORT_OPENING_UNBALANCED', statementOf([], { openingBalances: [{ accountCode: '1030', balance: cents(1n) }] })],
  ['EXPORT_UNKNOWN_ACCOUNT', statementOf([], { openingBalances: [{ accountCode: '7777', balance: cents(0n) }] })],
  ['EXPORT_FITID_TWICE', { ...fullDay(), groups: [...fullDay().groups, ...fullDay().groups.slice(2, 3)] }],
  ['EXPORT_SHORT_SIGN', { ...fullDay(), shortBalance: cents(-1n) }],
  [
    'EXPORT_POSITION_SIGN',
    { ...fullDay(), positions: fullDay().positions.map((held) => ({ ...held, quantity: '-1' as DecimalText })) },
  ],
];

describe('ACC-22: inconsistent books are not exported in any format', () => {
  test.each(BROKEN)('%s', (code, input) => {
    for (const render of [renderOfx22, renderCsv, renderJson, renderHledger, statementTotals]) {
      expect(codeOf(() => render(input))).toBe(code);
    }
  });

  test('the message names the group and the difference', () => {
    const input = altered((group) => firstLeg(group, { debit: cents(1n) }));
    expect(() => renderCsv(input)).toThrow(/position 000000000001 has -1674\.39 more debits than credits/u);
  });

  test('the examples are invalid only because of their change', () => {
    expect(codeOf(() => statementTotals(altered(() => ({}))))).toBe('no error');
  });
});

test('totals of a day: trades, income and bank add up to the cash', () => {
  expect(statementTotals(fullDay())).toMatchObject({
    groups: 16,
    transactions: 15,
    openingCash: 0n,
    tradeCash: -461_729n,
    incomeCash: 868n,
    bankCash: 10_475_086n,
    closingCash: 10_014_225n,
    commissions: 230n,
    fees: 8n,
  });
});

test('opening balances carry over into the closing ones', () => {
  const day = new GroupBuilder();
  day.buy({ symbol: 'SPY', quantity: '1', price: '100.00' });
  const openingBalances = [
    { accountCode: '1030', balance: cents(50_000n) },
    { accountCode: '3030', balance: cents(-50_000n) },
  ];
  const totals = statementTotals(statementOf(day.groups, { openingBalances }));
  expect([totals.openingCash, totals.closingCash]).toEqual([50_000n, 40_000n]);
  expect(totals.trialBalance).toEqual([
    { accountCode: '1030', balance: 40_000n },
    { accountCode: '1111', balance: 10_000n },
    { accountCode: '3030', balance: -50_000n },
  ]);
});
