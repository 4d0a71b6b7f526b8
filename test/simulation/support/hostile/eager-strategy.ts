import { parseStrategyName } from '../../../../src/events/names.js';
import { Decimal } from '../../../../src/kernel/decimal.js';
import { SeededRandom } from '../../../../src/kernel/random.js';
import { MINUTE_MS, plusMs } from '../../../../src/kernel/time.js';
import type { Strategy } from '../../../../src/strategies/strategy.js';
import type { Scenario } from './scenario.js';

/** Enters every symbol of the scenario at a minute of its own, either way, and leaves it at another or at its stop. */
export function eagerStrategy({ seed, symbols }: Scenario): Strategy {
  const draw = (symbol: string, purpose: string): SeededRandom =>
    SeededRandom.of('hostile-eager', seed, symbol, purpose);
  return {
    name: parseStrategyName('open'),
    phase: 'open',
    filters: [],
    enabled: () => true,
    shortType: () => 'ShortSell',
    trailFraction: () => Decimal.parse('0.004'),
    window: ({ opensAt, closesAt }) => ({
      analysisFrom: opensAt,
      breakoutFrom: plusMs(opensAt, MINUTE_MS),
      monitoringFrom: plusMs(closesAt, -2 * MINUTE_MS),
      endsAt: plusMs(closesAt, -MINUTE_MS),
    }),
    selfCheck: () => [],
    analyze: (market) => ({
      candidates: market.symbols.map((symbol, index) => ({
        symbol,
        rank: index + 1,
        fitness: Decimal.of(symbols.length - index),
        figures: {},
      })),
      screenedOut: [],
    }),
    signal: (symbol, market) => {
      const last = market.of(symbol).lastPrice;
      const random = draw(symbol, `signal ${market.now}`);
      if (last === undefined || random.chance(0.4)) return { fired: false, reason: { code: 'NOT_NOW', figures: {} } };
      const side = random.chance(0.6) ? ('long' as const) : ('short' as const);
      return { fired: true, signal: { symbol, side, rule: 'EAGER', price: last, figures: {} } };
    },
    approach: () => undefined,
    manage: ({ symbol }, market) =>
      draw(symbol, `exit ${market.now}`).chance(0.3) ? { code: 'target', figures: {} } : undefined,
  };
}
