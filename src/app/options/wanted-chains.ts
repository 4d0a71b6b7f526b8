import type { OptionRight } from '../../domain/options/contract-name.js';
import { priceToDecimal } from '../../domain/market/types.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { Strategy } from '../../strategies/strategy.js';
import type { TradingContext } from '../../trading/context.js';

/** A chain that a signal may be judged by. */
export interface WantedChain {
  readonly symbol: TickerSymbol;
  readonly right: OptionRight;
  /** Last price in dollars. */
  readonly near: Decimal;
}

/**
 * The chains of the candidates that may still be entered, best rank first, each once: calls for longs and puts for shorts that a filter
 * judges, and the puts that may be bought.
 */
export function wantedChains(state: EngineState, context: TradingContext): readonly WantedChain[] {
  const wanted = new Map<string, WantedChain>();
  for (const strategy of context.strategies) {
    const rights = rightsOf(strategy, context);
    if (rights.length === 0) continue;
    for (const symbol of openCandidates(state, context, strategy)) {
      const { lastPrice } = context.market.of(symbol);
      if (lastPrice === undefined) continue;
      for (const right of rights) {
        wanted.set(`${symbol}/${right}`, { symbol, right, near: priceToDecimal(lastPrice) });
      }
    }
  }
  return [...wanted.values()];
}

function openCandidates(
  state: EngineState,
  { windows, market }: TradingContext,
  { name }: Strategy,
): readonly TickerSymbol[] {
  const run = state.session?.strategies.get(name);
  const window = windows.get(name);
  if (run === undefined || window === undefined || run.ended || market.now >= window.monitoringFrom) return [];
  const candidates = run.pool?.candidates ?? [];
  return candidates.map(({ symbol }) => symbol).filter((symbol) => !run.decided.has(symbol));
}

function rightsOf(strategy: Strategy, { settings }: TradingContext): readonly OptionRight[] {
  const shortType = strategy.shortType(settings);
  const isJudged = settings.ENABLE_BSM_FILTER && strategy.filters.some(({ name }) => name === 'black-scholes-filter');
  const isBearish = shortType === 'LongPut' || (isJudged && shortType !== 'disabled');
  return [...(isJudged ? (['call'] as const) : []), ...(isBearish ? (['put'] as const) : [])];
}
