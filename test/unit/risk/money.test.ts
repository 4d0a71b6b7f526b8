import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../../src/domain/config/settings.js';
import { costAtMaxRisk, entryBudget, sessionCap, weightSlice } from '../../../src/domain/risk/capital.js';
import { riskLimits } from '../../../src/domain/risk/defense.js';
import { fundsForEntry } from '../../../src/domain/risk/entry-funds.js';
import { dailyLoss } from '../../../src/domain/risk/kill-switch.js';
import { sizeEntry, type SizeInput } from '../../../src/domain/risk/sizing.js';
import { Decimal } from '../../../src/kernel/decimal.js';

const d = (text: string): Decimal => Decimal.parse(text);
const limits = riskLimits(DEFAULT_SETTINGS, false);

describe('capital', () => {
  test('the session cap is the float x TOTAL_ALLOCATION, down to the cent', () => {
    expect(sessionCap(d('100000'), limits).text()).toBe('2000.00');
    expect(sessionCap(d('33333.33'), limits).text()).toBe('666.66');
    expect(sessionCap(d('-1'), limits).text()).toBe('0.00');
  });

  test.each([
    [0, '800.00'],
    [1, '400.00'],
    [3, '400.00'],
    [4, '0.00'],
  ])('slice of entry %d is %s', (entries, slice) => {
    expect(weightSlice(d('2000'), limits, entries).text()).toBe(slice);
  });

  test.each([
    ['its slice', '0', '50000', '800.00'],
    ['what the cap leaves, for fills cost more than asked', '1603.21', '50000', '396.79'],
    ['what the account can buy', '0', '12.349', '12.34'],
    ['nothing when the cap is used up', '2000.01', '50000', '0.00'],
  ])('an entry may cost %s', (_, capitalAtWork, buyingPower, budget) => {
    const asked = { floatAtStart: d('100000'), limits, entriesOfStrategy: 0, costAtMaxRisk: undefined };
    expect(entryBudget({ ...asked, capitalAtWork: d(capitalAtWork), buyingPower: d(buyingPower) }).text()).toBe(budget);
  });
});

describe('limits shrink an entry, they do not refuse it', () => {
  const budget = {
    floatAtStart: d('100000'),
    limits,
    entriesOfStrategy: 0,
    capitalAtWork: d('0'),
    buyingPower: d('50000'),
  };

  test('the loss at the stop', () => {
    // 0.025 of 100000 at a loss of 2 on 50 dollars
    const most = costAtMaxRisk({ floatAtStart: d('100000'), limits, price: d('50'), lossPerShare: d('2') });
    expect(most?.text()).toBe('62500.00');
    expect(costAtMaxRisk({ floatAtStart: d('100000'), limits, price: d('50'), lossPerShare: d('0') })).toBeUndefined();
    expect(costAtMaxRisk({ floatAtStart: d('-1'), limits, price: d('50'), lossPerShare: d('2') })?.isZero()).toBe(true);
    expect(entryBudget({ ...budget, costAtMaxRisk: d('321.09') }).text()).toBe('321.09');
  });

  test.each([
    ['all cash for a long', 'long', '100000', '0', '0', '0', '98038.23'],
    ['cash less what working entries hold', 'long', '100000', '75000', '0', '0', '23038.23'],
    ['cash less what a working short holds of our own means', 'long', '100000', '0', '75000', '0', '25000.00'],
    ['cash less the cover of shorts: 150 % of their value', 'long', '150000', '0', '0', '50000', '73528.43'],
    ['a short needs half its value, and never more than the cash', 'short', '100000', '0', '0', '0', '100000.00'],
    ['a short after shorts', 'short', '150000', '0', '0', '90000', '29409.80'],
    ['nothing without cash', 'long', '0.01', '0', '0', '0', '0.00'],
    ['nothing when shorts have eaten the account', 'short', '100000', '0', '0', '100000', '0.00'],
  ] as const)('%s', (_, side, cash, long, short, shorts, expected) => {
    const funds = { cash: d(cash), working: { long: d(long), short: d(short) }, shorts: d(shorts) };
    expect(fundsForEntry(side, funds).rounded(2, 'down').text()).toBe(expected);
  });
});

describe('sizing (TRD-52)', () => {
  const base: SizeInput = {
    side: 'long',
    slice: d('800'),
    price: d('49.31'),
    fractional: true,
    asset: { fractionable: true, minQuantity: d('0.000001') },
  };
  const whole = { fractionable: false, minQuantity: d('1') };
  test.each<[string, Partial<SizeInput>, Record<string, unknown>]>([
    ['six decimals down', {}, { kind: 'quantity', quantity: '16.223889' }],
    [
      'fractions as fine as the broker takes them',
      { asset: { fractionable: true, minQuantity: d('0.0001'), quantityStep: d('0.0001') } },
      { kind: 'quantity', quantity: '16.2238' },
    ],
    [
      'fractions in steps that are no power of ten',
      { asset: { fractionable: true, minQuantity: d('0.25'), quantityStep: d('0.25') } },
      { kind: 'quantity', quantity: '16.00' },
    ],
    [
      'dollars when no price is known',
      { price: undefined, slice: d('800.009') },
      { kind: 'notional', notional: '800.00' },
    ],
    ['whole shares when fractions are off', { fractional: false }, { kind: 'quantity', quantity: '16' }],
    ['whole shares of an asset without fractions', { asset: whole }, { kind: 'quantity', quantity: '16' }],
    ['whole shares of a short', { side: 'short' }, { kind: 'quantity', quantity: '16' }],
    [
      'nothing below one share',
      { fractional: false, slice: d('49.30') },
      { kind: 'rejected', code: 'LESS_THAN_ONE_SHARE' },
    ],
    [
      'no whole shares without a price',
      { fractional: false, price: undefined },
      { kind: 'rejected', code: 'NO_REFERENCE_PRICE' },
    ],
    ['no short without a price', { side: 'short', price: undefined }, { kind: 'rejected', code: 'NO_REFERENCE_PRICE' }],
    ['nothing for nothing', { slice: d('0.009') }, { kind: 'rejected', code: 'NO_CAPITAL_LEFT' }],
    [
      'nothing under the least quantity',
      { asset: { fractionable: true, minQuantity: d('20') } },
      { kind: 'rejected', code: 'BELOW_MIN_QUANTITY' },
    ],
    ['nothing that rounds to zero', { price: d('900000000') }, { kind: 'rejected', code: 'BELOW_MIN_QUANTITY' }],
  ])('%s', (_, change, expected) => {
    const result = sizeEntry({ ...base, ...change });
    expect(JSON.parse(JSON.stringify(result))).toMatchObject(expected);
  });
});

describe('kill switch (TRD-41)', () => {
  test.each([
    ['-3000', '-2000', false, '5000.00'],
    ['-3000', '-2000.01', true, '5000.01'],
    ['-6000', '1500', false, '4500.00'],
    ['400', '-100', false, '0.00'],
  ])('realized %s and unrealized %s of a float of 100,000: breached %s', (realized, unrealized, breached, loss) => {
    const day = dailyLoss({
      realized: d(realized),
      unrealized: d(unrealized),
      floatAtStart: d('100000'),
      limitFraction: d('0.05'),
    });
    expect(day.breached).toBe(breached);
    expect(day.figures).toEqual({
      loss,
      limit: '5000.00',
      realized: d(realized).shortText(2),
      unrealized: d(unrealized).shortText(2),
    });
  });
});
