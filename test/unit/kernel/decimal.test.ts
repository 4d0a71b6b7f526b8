import { describe, expect, test } from '@jest/globals';
import { Decimal, type Rounding } from '../../../src/kernel/decimal.js';
import { failureOf } from '../support/failure.js';

const d = (text: string): Decimal => Decimal.parse(text);

describe('Decimal: texts', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['007', '7'],
    ['12.3400', '12.3400'],
    ['-0.05', '-0.05'],
    ['0.000000000000000001', '0.000000000000000001'],
  ])('%s is parsed and printed as %s', (text, written) => {
    expect(d(text).text()).toBe(written);
    expect(JSON.stringify({ x: d(text) })).toBe(`{"x":"${written}"}`);
    expect(String(d(text))).toBe(written);
  });

  test.each([
    '',
    '-',
    '.5',
    '5.',
    '+1',
    '1e5',
    ' 1',
    '1 ',
    '1,000.00',
    '0x1',
    'NaN',
    '1.0000000000000000001',
    '١',
    '--1',
  ])('it refuses "%s"', (text) => {
    expect(failureOf(() => d(text))).toMatchObject({ code: 'NOT_A_DECIMAL', callerMust: 'refuse' });
  });

  test.each([
    ['1.5000', 0, '1.5'],
    ['100', 0, '100'],
    ['167.4400', 2, '167.44'],
    ['13.8725', 2, '13.8725'],
    ['5', 2, '5.00'],
    ['0.000', 0, '0'],
  ])('%s shortened to at least %i decimals is %s', (text, least, written) => {
    expect(d(text).shortText(least)).toBe(written);
  });
});

describe('Decimal: rounding is named', () => {
  const rows: readonly (readonly [string, Readonly<Record<Rounding, string>>])[] = [
    ['2.5', { down: '2', up: '3', halfEven: '2', halfUp: '3', floor: '2', ceil: '3' }],
    ['3.5', { down: '3', up: '4', halfEven: '4', halfUp: '4', floor: '3', ceil: '4' }],
    ['-2.5', { down: '-2', up: '-3', halfEven: '-2', halfUp: '-3', floor: '-3', ceil: '-2' }],
    ['2.4', { down: '2', up: '3', halfEven: '2', halfUp: '2', floor: '2', ceil: '3' }],
    ['-2.6', { down: '-2', up: '-3', halfEven: '-3', halfUp: '-3', floor: '-3', ceil: '-2' }],
    ['2.0', { down: '2', up: '2', halfEven: '2', halfUp: '2', floor: '2', ceil: '2' }],
  ];
  test.each(rows)('%s to a whole number', (text, expected) => {
    const names = Object.keys(expected) as Rounding[];
    expect(Object.fromEntries(names.map((round) => [round, d(text).rounded(0, round).text()]))).toEqual(expected);
  });

  test('a value rounded to zero loses its sign: there is no negative zero', () => {
    expect(d('-0.004').rounded(2, 'halfEven').text()).toBe('0.00');
  });

  test('a division names its scale and its rounding', () => {
    expect(d('1').divide(d('3'), { scale: 6, round: 'down' }).text()).toBe('0.333333');
    expect(d('100').divide(d('0.03'), { scale: 2, round: 'halfEven' }).text()).toBe('3333.33');
    expect(d('0.00001').divide(d('1000'), { scale: 2, round: 'up' }).text()).toBe('0.01');
    expect(d('-1').divide(d('8'), { scale: 2, round: 'halfEven' }).text()).toBe('-0.12');
    expect(failureOf(() => d('1').divide(d('0.00'), { scale: 2, round: 'down' })).code).toBe(
      'DECIMAL_DIVISION_BY_ZERO',
    );
  });
});

describe('Decimal: arithmetic is exact', () => {
  test('results that binary floats get wrong', () => {
    expect(d('0.1').plus(d('0.2')).equals(d('0.3'))).toBe(true);
    expect(d('49.36').times(d('16.2')).text()).toBe('799.632');
    expect(d('1.10').minus(d('1.1')).isZero()).toBe(true);
  });

  test('values far outside the safe integers', () => {
    const large = d('9999999999999999999999.99');
    expect(large.plus(d('0.01')).text()).toBe('10000000000000000000000.00');
    expect(large.times(large).minus(large.times(large)).isZero()).toBe(true);
  });

  test('values are equal at any scale', () => {
    expect(d('1.50').equals(d('1.5'))).toBe(true);
    expect([d('2'), d('-1.5'), d('1.50')].sort((a, b) => a.compare(b)).map(String)).toEqual(['-1.5', '1.50', '2']);
    expect([d('1').lt(d('1.0')), d('1').lte(d('1.0')), d('1').gt(d('0.9')), d('1').gte(d('1.1'))]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([Decimal.min(d('1'), d('2')), Decimal.max(d('1'), d('2')), Decimal.sum([])].map(String)).toEqual([
      '1',
      '2',
      '0',
    ]);
    expect([d('-3').sign(), d('0.0').sign(), d('0.1').sign(), d('-3').abs().text()]).toEqual([-1, 0, 1, '3']);
  });

  test('a conversion to units refuses to lose a digit', () => {
    expect(d('12.30').toUnits(1)).toBe(123n);
    expect(d('12.3').toUnits(4)).toBe(123_000n);
    expect(failureOf(() => d('12.34').toUnits(1))).toMatchObject({ code: 'DECIMAL_INEXACT', callerMust: 'stop' });
  });

  test('only safe integers are accepted as numbers', () => {
    expect(Decimal.of(1234, 2).text()).toBe('12.34');
    expect(Decimal.of(-5n, 3).text()).toBe('-0.005');
    for (const units of [0.5, Number.NaN, 2 ** 53]) {
      expect(failureOf(() => Decimal.of(units)).code).toBe('DECIMAL_NOT_INTEGER');
    }
    expect(failureOf(() => Decimal.of(1n, -1)).code).toBe('DECIMAL_SCALE');
    expect(failureOf(() => Decimal.of(1n, 37)).code).toBe('DECIMAL_SCALE');
  });
});
