import { describe, expect, test } from '@jest/globals';
import { isStopHit, lossAtStop, trailingStop, type TrailingStopInput } from '../../../src/domain/risk/trailing-stop.js';
import { Decimal } from '../../../src/kernel/decimal.js';

const d = (text: string): Decimal => Decimal.parse(text);
const base: TrailingStopInput = {
  side: 'long',
  entryPrice: d('50'),
  bestPrice: d('50'),
  trailFraction: d('0.02'),
  atrDistance: undefined,
  previousStop: undefined,
  tightening: { secondsToEnd: 1800, bufferSeconds: 150, factor: d('0.5') },
};
const late = { ...base.tightening, secondsToEnd: 150 };

describe('trailing stop (TRD-44)', () => {
  test.each<[string, Partial<TrailingStopInput>, string, string]>([
    ['a long by percent', {}, '49.00', 'percent'],
    ['a short by percent', { side: 'short' }, '51.00', 'percent'],
    ['a long follows the high', { bestPrice: d('52') }, '50.96', 'percent'],
    ['a short follows the low', { side: 'short', bestPrice: d('48') }, '48.96', 'percent'],
    ['a long rounds towards the market', { bestPrice: d('50.01') }, '49.01', 'percent'],
    ['a short rounds towards the market', { side: 'short', bestPrice: d('49.99') }, '50.98', 'percent'],
    ['the nearer of percent and ATR, ATR', { atrDistance: d('0.4') }, '49.60', 'atr'],
    ['the nearer of percent and ATR, percent', { atrDistance: d('4') }, '49.00', 'percent'],
    ['the ATR of a short', { side: 'short', atrDistance: d('0.4') }, '50.40', 'atr'],
    ['half the distance in the last seconds', { tightening: late }, '49.50', 'tightened'],
    ['half the distance of a short', { side: 'short', tightening: late }, '50.50', 'tightened'],
    ['not nearer than 0.0005 of the price', { trailFraction: d('0.0001') }, '49.98', 'percent'],
    ['at least a tick away', { entryPrice: d('2'), bestPrice: d('2'), trailFraction: d('0.0005') }, '1.99', 'percent'],
    ['hundredths of a cent under a dollar', { entryPrice: d('0.5'), bestPrice: d('0.5') }, '0.4900', 'percent'],
    [
      'hundredths of a cent where the stop is under a dollar',
      { entryPrice: d('1'), bestPrice: d('1.01') },
      '0.9898',
      'percent',
    ],
    [
      'cents where the stop of a short is above a dollar',
      { side: 'short', entryPrice: d('0.9999'), bestPrice: d('0.9999') },
      '1.01',
      'percent',
    ],
    [
      'a tick under one dollar',
      { entryPrice: d('1'), bestPrice: d('1'), trailFraction: d('0.0005') },
      '0.9995',
      'percent',
    ],
    ['a best price worse than the entry is the entry', { bestPrice: d('49') }, '49.00', 'percent'],
    ['the same for a short', { side: 'short', bestPrice: d('51') }, '51.00', 'percent'],
    ['a long never moves down', { previousStop: d('49.30') }, '49.30', 'percent'],
    ['a short never moves up', { side: 'short', previousStop: d('50.70') }, '50.70', 'percent'],
  ])('%s', (_, change, stop, basis) => {
    const result = trailingStop({ ...base, ...change });
    expect([result.stop.text(), result.basis]).toEqual([stop, basis]);
  });

  test('it reports whether it moved', () => {
    expect(trailingStop(base).moved).toBe(true);
    expect(trailingStop({ ...base, previousStop: d('49') }).moved).toBe(false);
    expect(trailingStop({ ...base, previousStop: d('49'), bestPrice: d('51') }).moved).toBe(true);
  });

  test.each([
    ['long', '49.00', true],
    ['long', '49.01', false],
    ['short', '49.00', true],
    ['short', '48.99', false],
  ] as const)('a %s with its stop at 49 is stopped at %s: %s', (side, price, hit) => {
    expect(isStopHit(side, d('49'), d(price))).toBe(hit);
  });

  test('the loss at the stop is never negative', () => {
    expect(lossAtStop('long', d('10'), d('50'), d('49')).text()).toBe('10');
    expect(lossAtStop('short', d('10'), d('50'), d('51')).text()).toBe('10');
    expect(lossAtStop('long', d('10'), d('50'), d('51')).sign()).toBe(0);
  });
});
