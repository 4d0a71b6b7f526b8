import { parseStrategyName } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { MINUTE_MS, plusMs } from '../../src/kernel/time.js';
import type { Strategy } from '../../src/strategies/strategy.js';

const FAST = 5;
const SLOW = 20;
const TRAIL = Decimal.parse('0.02');
const LAST_MINUTES = 2;

/** A moving-average cross over the whole day: long above, out below. The engine trades a symbol once a session. */
export const SMA_CROSS: Strategy = {
  name: parseStrategyName('sma-cross'),
  filters: [],
  enabled: () => true,
  shortType: () => 'disabled',
  trailFraction: () => TRAIL,
  window: ({ opensAt, closesAt }) => {
    const endsAt = plusMs(closesAt, -LAST_MINUTES * MINUTE_MS);
    return { analysisFrom: opensAt, breakoutFrom: plusMs(opensAt, SLOW * MINUTE_MS), monitoringFrom: endsAt, endsAt };
  },
  selfCheck: () => [],
  analyze: (market) => ({
    candidates: market.symbols.map((symbol, index) => ({ symbol, rank: index + 1, fitness: Decimal.ONE, figures: {} })),
    screenedOut: [],
  }),
  signal: (symbol, market) => {
    const view = market.of(symbol);
    const [fast, slow, price] = [view.sma(FAST), view.sma(SLOW), view.lastPrice];
    if (fast === undefined || slow === undefined || price === undefined || fast <= slow) {
      return { fired: false, reason: { code: 'BELOW', figures: {} } };
    }
    return { fired: true, signal: { symbol, side: 'long', rule: 'SMA_CROSS', price, figures: {} } };
  },
  approach: () => undefined,
  manage: ({ symbol }, market) => {
    const view = market.of(symbol);
    const [fast, slow] = [view.sma(FAST), view.sma(SLOW)];
    return fast !== undefined && slow !== undefined && fast < slow ? { code: 'CROSSED', figures: {} } : undefined;
  },
};

/** Room for one entry in every symbol. */
export function settingsForSymbols(symbols: number): Readonly<Record<string, string>> {
  const weight = (Math.floor(1_000 / symbols) / 1_000).toFixed(3);
  return {
    MAX_TRADES: String(symbols),
    WEIGHTS: Array.from({ length: symbols }, () => weight).join(','),
    TOTAL_ALLOCATION: '0.5',
  };
}
