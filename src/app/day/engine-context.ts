import type { StrategyName, TickerSymbol } from '../../events/names.js';
import { MarketView } from '../../domain/market/view.js';
import type { BrokerAsset } from '../../ports/broker.js';
import type { StrategyContext, StrategyWindow } from '../../strategies/strategy.js';
import { newEffectMemory, type EngineContext } from '../engine/action.js';
import type { SessionDeps } from './session-deps.js';

export function strategyContextOf(deps: SessionDeps): StrategyContext {
  const { date, opensAt, closesAt } = deps.calendarDay;
  return { settings: deps.settings, date, opensAt, closesAt };
}

/** Everything that the rules may look at in this session, with a market that has seen nothing yet. */
export async function engineContextOf(deps: SessionDeps): Promise<EngineContext> {
  const strategyContext = strategyContextOf(deps);
  const { opensAt, closesAt, date } = deps.calendarDay;
  const assets = new Map<TickerSymbol, BrokerAsset>();
  for (const { symbol } of deps.market.references) {
    const asset = await deps.broker.asset(symbol);
    if (asset !== undefined) assets.set(symbol, asset);
  }
  return {
    identity: deps.identity,
    date,
    settings: deps.settings,
    strategies: deps.strategies,
    strategyContext,
    windows: new Map<StrategyName, StrategyWindow>(
      deps.strategies.map((strategy) => [strategy.name, strategy.window(strategyContext)]),
    ),
    market: new MarketView({ references: deps.market.references, opensAt, closesAt }),
    assets,
    memory: newEffectMemory(),
  };
}
