import type { StrategyName, TickerSymbol } from '../../events/names.js';
import { MarketView } from '../../domain/market/view.js';
import type { BrokerAsset } from '../../ports/reference-data.js';
import type { TimeBudget } from '../../strategies/time-budget.js';
import type { Strategy, StrategyContext, StrategyWindow } from '../../strategies/strategy.js';
import { newEffectMemory } from '../../trading/orders/effect-memory.js';
import type { TradingContext } from '../../trading/context.js';
import type { SessionDeps } from './session-deps.js';

export function strategyContextOf(deps: SessionDeps): StrategyContext {
  const { date, opensAt, closesAt } = deps.calendarDay;
  const { settings, codes, broker, market } = deps;
  const { kind: feed } = market.description;
  const optionChains = broker.capabilities.options && broker.optionChain !== undefined;
  return { settings, date, opensAt, closesAt, feed, jurisdiction: codes.jurisdiction, optionChains };
}

/** Milliseconds of processor time that a strategy has to return its window. */
const WINDOW_BUDGET_MS = 100;
/** A machine that gives it no time in as many is not the place for a session. */
const WINDOW_TRIES = 20;

/** A strategy that does not answer gets a window outside every session, and is reported as failed at its turn. */
async function windowOf(
  strategy: Strategy,
  context: StrategyContext,
  budget: TimeBudget | undefined,
): Promise<StrategyWindow> {
  if (budget === undefined) return strategy.window(context);
  const { opensAt: at } = context;
  try {
    for (let tries = 0; tries < WINDOW_TRIES; tries += 1) {
      const asked = budget.run(() => strategy.window(context), WINDOW_BUDGET_MS);
      if (asked.ended) return asked.value;
      if (asked.used) break;
      // the machine gave it no time; a kill gets in between two tries
      await new Promise((resolve) => setImmediate(resolve));
    }
  } catch {
    // The error is the strategy's own; its self-check reports it.
  }
  return { analysisFrom: at, breakoutFrom: at, monitoringFrom: at, endsAt: at };
}

/** Everything that the rules may read in this session, with an empty market. With a budget no strategy can block it. */
export async function engineContextOf(deps: SessionDeps, budget?: TimeBudget): Promise<TradingContext> {
  const strategyContext = strategyContextOf(deps);
  const { opensAt, closesAt, date } = deps.calendarDay;
  const assets = new Map<TickerSymbol, BrokerAsset>();
  for (const { symbol } of deps.market.references) {
    const asset = await deps.broker.asset(symbol);
    if (asset !== undefined) assets.set(symbol, asset);
  }
  const windows = new Map<StrategyName, StrategyWindow>();
  for (const strategy of deps.strategies) {
    windows.set(strategy.name, await windowOf(strategy, strategyContext, budget));
  }
  return {
    identity: deps.identity,
    date,
    settings: deps.settings,
    strategies: deps.strategies,
    strategyContext,
    windows,
    market: new MarketView({ references: deps.market.references, opensAt, closesAt }),
    assets,
    memory: newEffectMemory(),
    ...restingStopsOf(deps),
    ...(deps.broker.closeAll === undefined ? {} : { closesTogether: true }),
    ...(deps.broker.capabilities.closesWithoutStream === true ? { closesWithoutStream: true } : {}),
  };
}

function restingStopsOf({ broker, settings }: SessionDeps): Pick<TradingContext, 'restingStops'> {
  const { nativeStop, quantityDecimals } = broker.capabilities;
  if (!nativeStop || !settings.STOPS_AT_BROKER) return {};
  if (broker.budget === undefined) return { restingStops: { quantityDecimals } };
  const spareCalls = (): number => broker.budget?.().spare ?? Number.POSITIVE_INFINITY;
  return { restingStops: { quantityDecimals, spareCalls } };
}
