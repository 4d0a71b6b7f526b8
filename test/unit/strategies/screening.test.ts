import { describe, expect, test } from '@jest/globals';
import { price } from '../../../src/domain/market/types.js';
import { parseSymbol } from '../../../src/events/names.js';
import { openStrategy } from '../../../src/strategies/open/open.js';
import { fitness, spreadFraction, volumeFigure } from '../../../src/strategies/screening.js';
import { contextOf, TestMarket, type Minute } from './market.js';

const AIG = parseSymbol('AIG');
type Reference = ConstructorParameters<typeof TestMarket>[1][string];

function poolOf(reference: Reference, minute: Minute, more: { halted?: readonly string[] } = {}) {
  const context = contextOf();
  const market = new TestMarket(context, { AIG: reference }).run(19, () => ({ AIG: minute }));
  market.minute({ AIG: minute }, more);
  return openStrategy.analyze(market.view, context);
}

describe('hard screens: first failure, with its figures', () => {
  const good: Minute = { close: 50, bid: 49.99, ask: 50.01 };
  test.each<[string, Reference, Minute, Record<string, string>]>([
    ['PRICE_BELOW_MIN', {}, { close: 1.99 }, { price: '1.99', limit: '2.00' }],
    ['PRICE_ABOVE_MAX', {}, { close: 645.57 }, { price: '645.57', limit: '300.00' }],
    ['VOLUME_BELOW_MIN', { previousVolume: 499_999 }, good, { volume: '499999', limit: '500000' }],
    ['VOLUME_BELOW_MIN', { previousVolume: undefined }, good, { volume: '20000', limit: '500000' }],
    ['GAP_ABOVE_MAX', { previousClose: price(454_000) }, good, { open: '50.00', previousClose: '45.40', limit: '0.1' }],
    ['GAP_ABOVE_MAX', { previousClose: price(560_000) }, good, { open: '50.00', previousClose: '56.00', limit: '0.1' }],
    ['MARKET_CAP_BELOW_MIN', { marketCap: 299_999_999 }, good, { marketCap: '299999999', limit: '300000000' }],
    ['MARKET_CAP_ABOVE_MAX', { marketCap: 2e10 }, good, { marketCap: '20000000000', limit: '10000000000' }],
    ['SPREAD_TOO_WIDE', {}, { close: 50, bid: 49, ask: 50 }, { spread: '0.020203', limit: '0.015' }],
  ])('%s', (code, reference, minute, figures) => {
    const pool = poolOf(reference, minute);
    expect(pool.candidates).toEqual([]);
    expect(pool.screenedOut).toEqual([{ symbol: 'AIG', code, figures }]);
  });

  test('a halted symbol and one that never traded are excluded', () => {
    expect(poolOf({}, good, { halted: ['AIG'] }).screenedOut).toMatchObject([{ code: 'SYMBOL_HALTED' }]);
    const context = contextOf();
    const silent = new TestMarket(context, { AIG: {} }).run(20, () => ({}));
    expect(openStrategy.analyze(silent.view, context).screenedOut).toMatchObject([{ code: 'NO_DATA' }]);
  });

  test.each<[string, Reference]>([
    ['a gap of exactly the limit', { previousClose: price(550_000) }],
    ['an unknown close, capitalisation and quote', { previousClose: undefined, marketCap: undefined }],
    ['a capitalisation inside the range', { marketCap: 5e9 }],
  ])('%s passes', (_, reference) => {
    expect(poolOf(reference, { close: 49.5 }).candidates).toMatchObject([{ symbol: 'AIG', rank: 1 }]);
  });

  test('F19 a split is not a gap: the reference close is adjusted', () => {
    const afterSplit = { close: 92.7 };
    expect(poolOf({ previousClose: price(922_243) }, afterSplit).candidates).toHaveLength(1);
    expect(poolOf({ previousClose: price(6_455_700) }, afterSplit).screenedOut).toMatchObject([
      { code: 'GAP_ABOVE_MAX' },
    ]);
  });

  test('figures for the gate', () => {
    const market = new TestMarket(contextOf(), { AIG: { previousVolume: undefined } });
    expect(spreadFraction(market.view.of(AIG))).toBeUndefined();
    market.minute({ AIG: { close: 50, bid: 49.99, ask: 50.01, volume: 777 } });
    expect(spreadFraction(market.view.of(AIG))?.text()).toBe('0.000400');
    expect(volumeFigure(market.view.of(AIG))).toBe(777);
  });
});

describe('ranking (TRD-12)', () => {
  const names = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE'];
  const references = Object.fromEntries(names.map((name) => [name, {}]));

  test('higher fitness ranks first; ties are ordered by symbol, whatever the feed order', () => {
    const context = contextOf();
    const drift: Readonly<Record<string, number>> = { AAA: 0, BBB: 0, CCC: 0.05, DDD: -0.1, EEE: 0 };
    for (const order of [names, [...names].reverse()]) {
      const market = new TestMarket(context, Object.fromEntries(order.map((name) => [name, {}])));
      market.run(20, (n) => Object.fromEntries(order.map((name) => [name, { close: 50 + n * (drift[name] ?? 0) }])));
      const pool = openStrategy.analyze(market.view, context);
      expect(pool.candidates.map((candidate) => `${candidate.rank}${candidate.symbol}`)).toEqual([
        '1DDD',
        '2CCC',
        '3AAA',
        '4BBB',
        '5EEE',
      ]);
      expect(pool.candidates[0]?.figures).toMatchObject({ momentum: '0.038000', gap: '0.000000' });
    }
  });

  test.each([
    ['after a whole day', '2024-12-03', '1.000000'],
    ['after a half day', '2024-12-02', '1.000000'],
    ['at the begin of the calendar', '1990-01-02', '1.000000'],
  ])('the pace of a volume is measured by the length of the day before: %s', (_, date, pace) => {
    const context = contextOf(date);
    const minutesBefore = date === '2024-12-02' ? 210 : 390;
    const market = new TestMarket(context, { AAA: { previousVolume: minutesBefore * 10_000 } });
    market.run(20, () => ({ AAA: { close: 50, volume: 10_000 } }));
    expect(openStrategy.analyze(market.view, context).candidates[0]?.figures).toMatchObject({ relativeVolume: pace });
  });

  test('the pool holds MAX_TRADES x CANDIDATE_MULTIPLIER; the rest is excluded with the reason', () => {
    const context = contextOf('2013-10-07', { MAX_TRADES: '2', WEIGHTS: '0.5,0.5', CANDIDATE_MULTIPLIER: '2' });
    const market = new TestMarket(context, references);
    market.run(20, () => Object.fromEntries(names.map((name) => [name, { close: 50 }])));
    const pool = openStrategy.analyze(market.view, context);
    expect(pool.candidates).toHaveLength(4);
    expect(pool.screenedOut).toMatchObject([{ symbol: 'EEE', code: 'POOL_FULL', figures: { limit: '4' } }]);
  });

  test('fitness is 0 for nothing, half at the typical sizes and below 1 for any size', () => {
    const weights = { momentum: 0.4, volatility: 0.2, relativeVolume: 0.3, gap: 0.1 };
    const all = (momentum: number, volatility: number, relativeVolume: number, gap: number) =>
      fitness({ momentum, volatility, relativeVolume, gap }, weights).text();
    expect(all(0, 0, 0, 0)).toBe('0.000000');
    expect(all(0.005, 0.01, 1, 0.01)).toBe('0.500000');
    expect(Number(all(9, 9, 9_000, 9))).toBeLessThan(1);
  });
});
