import { describe, expect, test } from '@jest/globals';
import { price } from '../../../src/domain/market/types.js';
import { parseSymbol } from '../../../src/events/names.js';
import { adxFilter } from '../../../src/strategies/filters/adx-filter.js';
import { bollingerConfluence } from '../../../src/strategies/filters/bollinger-confluence.js';
import { imbalanceScanner } from '../../../src/strategies/filters/imbalance-scanner.js';
import { runFilters } from '../../../src/strategies/filters/run-filters.js';
import { tickerBlocklist } from '../../../src/strategies/filters/ticker-blocklist.js';
import { vixGatekeeper } from '../../../src/strategies/filters/vix-gatekeeper.js';
import type { Filter, Signal } from '../../../src/strategies/strategy.js';
import { contextOf, TestMarket } from './market.js';

const AIG = parseSymbol('AIG');
const context = contextOf();
const signalAt = (dollars: number, side: Signal['side'] = 'long'): Signal => ({
  symbol: AIG,
  side,
  rule: 'TEST',
  price: price(Math.round(dollars * 10_000)),
  figures: {},
});
const code = (filter: Filter, signal: Signal, market: TestMarket): string => {
  const verdict = filter.judge(signal, market.view, context);
  return verdict.allow ? 'allow' : verdict.reason.code;
};
const market = () => new TestMarket(context, { AIG: {} });
const trending = () => market().run(60, (n) => ({ AIG: { close: 50 + n * 0.1, open: 50 + n * 0.1 - 0.08 } }));
const swinging = () => market().run(60, (n) => ({ AIG: { close: n % 2 === 0 ? 50 : 50.1, high: 50.1, low: 50 } }));

describe('filters', () => {
  test('adx-filter blocks a strong trend, allows a swing, and defers to the core rule with too few minutes', () => {
    expect(code(adxFilter, signalAt(50), trending())).toBe('ADX_ABOVE_MAX');
    expect(code(adxFilter, signalAt(50), swinging())).toBe('allow');
    expect(
      code(
        adxFilter,
        signalAt(50),
        market().run(5, () => ({ AIG: { close: 50 } })),
      ),
    ).toBe('allow');
  });

  test.each([
    ['long', 49.8, 'allow'],
    ['long', 50, 'INSIDE_BOLLINGER_BANDS'],
    ['long', 50.4, 'INSIDE_BOLLINGER_BANDS'],
    ['short', 50.4, 'allow'],
    ['short', 50.1, 'INSIDE_BOLLINGER_BANDS'],
    ['short', 49.8, 'INSIDE_BOLLINGER_BANDS'],
  ] as const)('bollinger-confluence: %s at %d with bands of about 49.95 and 50.15: %s', (side, at, expected) => {
    expect(code(bollingerConfluence, signalAt(at, side), swinging())).toBe(expected);
  });

  test('bollinger-confluence (TRD-32) defers to the core rule with too few minutes', () => {
    expect(code(bollingerConfluence, signalAt(50), market())).toBe('allow');
  });

  test.each([
    [15, 'allow'],
    [14.99, 'VIX_BELOW_THRESHOLD'],
    [undefined, 'VIX_UNAVAILABLE'],
  ])('vix-gatekeeper at a VIX of %s: %s', (vix, expected) => {
    const seen = market().minute({ AIG: { close: 50 } }, vix === undefined ? {} : { vix });
    expect(code(vixGatekeeper, signalAt(50), seen)).toBe(expected);
  });

  test('ticker-blocklist (TRD-36): once per session', () => {
    expect(tickerBlocklist(AIG, new Set())).toEqual({ allow: true });
    expect(tickerBlocklist(AIG, new Set([AIG]))).toEqual({
      allow: false,
      reason: { code: 'TICKER_ALREADY_TRADED', figures: { symbol: 'AIG' } },
    });
  });

  /** Minutes from the open, with news of an auction in one of them. */
  const auction = (minute: number, news: { imbalance?: number; volume?: number }, until = minute + 1) => {
    const { imbalance, volume } = news;
    const seen = market().run(minute, () => ({ AIG: { close: 50 } }));
    seen.minute({}, { auctions: [{ symbol: AIG, price: undefined, imbalance, volume }] });
    return seen.run(until - minute - 1, () => ({ AIG: { close: 50 } }));
  };

  test.each([
    [
      '31 % left over on the other side',
      'long',
      auction(375, { imbalance: -31, volume: 69 }),
      'AUCTION_AGAINST_SIGNAL',
    ],
    ['exactly the limit of 30 %', 'long', auction(375, { imbalance: -30, volume: 70 }), 'allow'],
    ['buyers are with a long', 'long', auction(375, { imbalance: 900, volume: 100 }), 'allow'],
    ['buyers are against a short', 'short', auction(375, { imbalance: 900, volume: 100 }), 'AUCTION_AGAINST_SIGNAL'],
    ['sellers are with a short', 'short', auction(375, { imbalance: -900, volume: 100 }), 'allow'],
    ['nobody to trade with at all', 'long', auction(375, { imbalance: -900, volume: 0 }), 'AUCTION_AGAINST_SIGNAL'],
    ['none are left over', 'long', auction(375, { imbalance: 0, volume: 0 }), 'allow'],
    ['an unknown volume', 'long', auction(375, { imbalance: -900 }), 'allow'],
    ['an unknown imbalance', 'long', auction(375, { volume: 900 }), 'allow'],
    ['the first minute of the last hour', 'long', auction(330, { imbalance: -9, volume: 1 }), 'AUCTION_AGAINST_SIGNAL'],
    ['the minute before the last hour', 'long', auction(329, { imbalance: -9, volume: 1 }), 'allow'],
    ['five minutes old', 'long', auction(370, { imbalance: -9, volume: 1 }, 375), 'AUCTION_AGAINST_SIGNAL'],
    ['older than five minutes', 'long', auction(370, { imbalance: -9, volume: 1 }, 376), 'allow'],
    ['no news', 'long', market().run(380, () => ({ AIG: { close: 50 } })), 'allow'],
  ] as const)('imbalance-scanner, %s: %s', (_, side, seen, expected) => {
    expect(code(imbalanceScanner, signalAt(50, side), seen)).toBe(expected);
  });

  test('imbalance-scanner names its figures, and says when the feed has no auctions', () => {
    const seen = auction(375, { imbalance: -40_000, volume: 60_000 });
    expect(imbalanceScanner.judge(signalAt(50), seen.view, context)).toEqual({
      allow: false,
      reason: {
        code: 'AUCTION_AGAINST_SIGNAL',
        figures: { imbalance: '-40000', matched: '60000', share: '0.400000', limit: '0.3' },
      },
    });
    const higher = contextOf('2013-10-07', { MAX_OPPOSING_IMBALANCE: '0.4' });
    expect(imbalanceScanner.judge(signalAt(50), seen.view, higher).allow).toBe(true);
    const notes = ['ibkr', 'alpaca', undefined].map((feed) => {
      const { ok, note } = imbalanceScanner.selfCheck({ ...context, ...(feed === undefined ? {} : { feed }) });
      return [ok, note];
    });
    expect(notes).toEqual([
      [true, undefined],
      [true, 'off: the market data of alpaca has no auction imbalances'],
      [true, undefined],
    ]);
  });
});

describe('running filters', () => {
  const broken: Filter = {
    ...adxFilter,
    name: 'broken',
    judge: () => {
      throw new Error('no such figure');
    },
  };

  test('filters run in order, and the first block decides', () => {
    const run = runFilters([adxFilter, bollingerConfluence], signalAt(55), trending().view, context);
    expect(run.verdicts.map(({ filter, verdict }) => [filter, verdict.allow])).toEqual([
      ['adx-filter', false],
      ['bollinger-confluence', false],
    ]);
    expect(run.block).toMatchObject({ filter: 'adx-filter', reason: { code: 'ADX_ABOVE_MAX' } });
    expect(run.faults).toEqual([]);
  });

  test('a failing filter falls back to the core logic and is reported', () => {
    const run = runFilters([broken, bollingerConfluence], signalAt(49), swinging().view, context);
    expect(run).toMatchObject({ block: undefined, faults: [{ filter: 'broken', message: 'no such figure' }] });
    expect(run.verdicts).toHaveLength(1);
  });

  test('a disabled filter does not run', () => {
    const off = contextOf('2013-10-07', { ADX_FILTER_ENABLED: 'false' });
    expect(runFilters([adxFilter, broken], signalAt(50), trending().view, off).verdicts).toEqual([]);
    expect(runFilters([adxFilter], signalAt(50), trending().view, off).block).toBeUndefined();
  });
});
