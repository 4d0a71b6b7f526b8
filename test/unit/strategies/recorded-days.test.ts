import { expect, test } from '@jest/globals';
import { LeanFeed } from '../../../src/adapters/feed-replay/lean-feed.js';
import { MarketView } from '../../../src/domain/market/view.js';
import { parseSymbol } from '../../../src/events/names.js';
import { runFilters } from '../../../src/strategies/filters/run-filters.js';
import { STRATEGIES } from '../../../src/strategies/registry.js';
import type { RankedPool } from '../../../src/strategies/strategy.js';
import { describeNeeding } from '../../support/needs.js';
import { marketData } from '../../support/shared-data.js';
import { contextOf } from './market.js';

/** First answer for each symbol in the entry minutes of each strategy, as the engine asks, at a VIX of 17. */
function signalsOf(date: string, names: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const context = contextOf(date);
  const { opensAt, closesAt } = context;
  const feed = new LeanFeed({ root: marketData.path, symbols: names.map(parseSymbol), vix: { value: 17 } });
  const session = feed.openSession(context.date);
  const market = new MarketView({ references: session.references, opensAt, closesAt });
  const pools = new Map<string, RankedPool>();
  const firsts = new Map(STRATEGIES.map((strategy) => [strategy.name as string, new Map<string, string>()]));
  for (const slice of session.slices(opensAt, closesAt)) {
    market.apply(slice);
    for (const strategy of STRATEGIES) {
      const { breakoutFrom, monitoringFrom } = strategy.window(context);
      if (market.now < breakoutFrom || market.now >= monitoringFrom) continue;
      const pool = pools.get(strategy.name) ?? strategy.analyze(market, context);
      pools.set(strategy.name, pool);
      for (const { symbol } of pool.candidates) {
        const result = strategy.signal(symbol, market, context);
        const first = firsts.get(strategy.name);
        if (!result.fired || first?.has(symbol) === true) continue;
        const { block } = runFilters(strategy.filters, result.signal, market, context);
        first?.set(symbol, `${symbol} ${result.signal.side} ${block?.reason.code ?? 'clear'}`);
      }
      for (const out of pool.screenedOut) firsts.get(strategy.name)?.set(out.symbol, `${out.symbol} out ${out.code}`);
    }
  }
  return Object.fromEntries([...firsts].map(([name, first]) => [name, [...first.values()].sort()]));
}

const FOUR = ['SPY', 'AIG', 'BAC', 'IBM'];

describeNeeding(marketData)('recorded days with default settings', () => {
  test.each([
    ['2013-10-04', FOUR, { open: ['AIG long clear'], mid: [], close: ['IBM short clear'] }],
    [
      '2013-10-07',
      FOUR,
      { open: [], mid: [], close: ['AIG short clear', 'BAC short clear', 'IBM short clear', 'SPY short clear'] },
    ],
    [
      '2013-10-08',
      FOUR,
      {
        open: ['IBM short clear'],
        mid: ['AIG long ADX_ABOVE_MAX', 'BAC long ADX_ABOVE_MAX', 'IBM long ADX_ABOVE_MAX'],
        close: ['IBM short clear', 'SPY short clear'],
      },
    ],
    ['2013-10-09', FOUR, { open: [], mid: [], close: ['BAC long clear', 'SPY long clear'] }],
    [
      '2014-06-06',
      ['AAPL'],
      { open: ['AAPL out PRICE_ABOVE_MAX'], mid: ['AAPL out PRICE_ABOVE_MAX'], close: ['AAPL out PRICE_ABOVE_MAX'] },
    ],
    ['2014-06-09', ['AAPL'], { open: [], mid: ['AAPL short INSIDE_BOLLINGER_BANDS'], close: [] }],
  ])('%s', (date, names, expected) => {
    expect(signalsOf(date, names)).toEqual(expected);
  });
});
