import { STREAMS } from '../../events/streams.js';
import { record, type Action } from '../action.js';
import { sessionCorrelation, type TradingContext } from '../context.js';
import type { StrategyStep } from '../lifecycle/strategy-step.js';

/** Ranks the universe of the session by the strategy's fitness, and records excluded symbols with their reasons. */
export function rankCandidates(context: TradingContext, { strategy, run }: StrategyStep): Action {
  const pool = strategy.analyze(context.market, context.strategyContext);
  return record(STREAMS.strategy(strategy.name, context.date), {
    type: 'CandidatesRanked',
    data: {
      strategy: strategy.name,
      poolLimit: context.settings.MAX_TRADES * context.settings.CANDIDATE_MULTIPLIER,
      candidates: pool.candidates.map(({ symbol, rank: place, fitness, figures }) => ({
        symbol,
        rank: place,
        fitness: fitness.shortText(),
        figures,
      })),
      screenedOut: pool.screenedOut.map(({ symbol, code, figures }) => ({ symbol, code, figures })),
    },
    correlationId: sessionCorrelation(context),
    causationId: run.startedEventId,
  });
}
