import type { Settings } from '../../domain/config/settings.js';
import { MarketView } from '../../domain/market/view.js';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { RecordedSession } from '../../ports/market-data.js';
import type { RankedPool, Strategy, StrategyContext } from '../../strategies/strategy.js';
import type { TestResult } from './test-run.js';

export interface ScreenedMarket {
  readonly session: ExchangeSession;
  readonly market: RecordedSession;
}

/** The pools of the strategies for a day, at the end of their analysis. */
function poolsOf(
  { session, market }: ScreenedMarket,
  strategies: readonly Strategy[],
  settings: Settings,
): readonly { readonly strategy: Strategy; readonly pool: RankedPool; readonly view: MarketView }[] {
  const { date, opensAt, closesAt } = session;
  const context: StrategyContext = { settings, date, opensAt, closesAt };
  return strategies.map((strategy) => {
    const view = new MarketView({ references: market.references, opensAt, closesAt });
    for (const slice of market.slices(opensAt, strategy.window(context).breakoutFrom)) view.apply(slice);
    return { strategy, pool: strategy.analyze(view, context), view };
  });
}

/** All faults of a pool: it must rank without gaps, within its size, and account for every symbol. */
export function poolFaults(pool: RankedPool, symbols: readonly string[], settings: Settings): readonly string[] {
  const { candidates, screenedOut } = pool;
  const most = settings.MAX_TRADES * settings.CANDIDATE_MULTIPLIER;
  const listed = [...candidates, ...screenedOut].map(({ symbol }) => String(symbol));
  const missing = symbols.filter((symbol) => !listed.includes(symbol));
  return [
    ...(candidates.length <= most ? [] : [`${candidates.length} candidates, the limit is ${most}`]),
    ...(candidates.every(({ rank }, index) => rank === index + 1) ? [] : ['the ranks have gaps']),
    ...(new Set(listed).size === listed.length ? [] : ['a symbol is listed twice']),
    ...(missing.length === 0 ? [] : [`no result for ${missing.join(', ')}`]),
    ...(isSorted(candidates) ? [] : ['a worse candidate ranks above a better one']),
  ];
}

function isSorted(candidates: RankedPool['candidates']): boolean {
  return candidates.every((candidate, index) => {
    const before = candidates[index - 1];
    return before === undefined || before.fitness.gte(candidate.fitness);
  });
}

/** The screening rules over many markets: one result, with the first fault of each kind. */
export function screenerResult(
  check: string,
  markets: readonly ScreenedMarket[],
  strategies: readonly Strategy[],
  settings: Settings,
): TestResult {
  const faults = new Set<string>();
  let candidates = 0;
  for (const screened of markets) {
    const symbols = screened.market.references.map(({ symbol }) => String(symbol));
    for (const { strategy, pool } of poolsOf(screened, strategies, settings)) {
      candidates += pool.candidates.length;
      for (const fault of poolFaults(pool, symbols, settings)) faults.add(`${strategy.name}: ${fault}`);
    }
  }
  const ok = faults.size === 0 && candidates > 0;
  const seen = `${markets.length} markets, ${strategies.length} strategies, ${candidates} candidates`;
  const wrong = candidates === 0 ? 'no market has a candidate' : [...faults].slice(0, 5).join('; ');
  return { check, ok, detail: ok ? seen : `${seen}: ${wrong}` };
}
