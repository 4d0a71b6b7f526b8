import { priceToDecimal } from '../../domain/market/types.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { STREAMS } from '../../events/streams.js';
import type { Signal } from '../../strategies/strategy.js';
import { record, type Action } from '../action.js';
import type { TradingContext } from '../context.js';
import type { StrategyStep } from '../lifecycle/strategy-step.js';
import type { PoolCandidate } from './entry-candidate.js';
import { decideEntry } from './entry-gate.js';

/**
 * The router (TRD-13) walks the pool in rank order. A candidate with a signal is recorded, filtered, checked for
 * tradability, sized, passed through the gate, and intended or rejected; after a rejection the next candidate follows. A
 * block by a filter is not final: while the signal lasts, the filters run again each minute.
 */
export function routeCandidates(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  let fallbackLevel = 0;
  for (const candidate of step.run.pool?.candidates ?? []) {
    const reported = step.run.signals.get(candidate.symbol);
    if (reported?.status === 'rejected' || reported?.status === 'blocked') fallbackLevel += 1;
    if (step.run.decided.has(candidate.symbol)) continue;
    const answer = step.strategy.signal(candidate.symbol, context.market, context.strategyContext);
    if (!answer.fired) continue;
    if (reported === undefined) return reportSignal(context, step, candidate, answer.signal);
    if (reported.data.side !== answer.signal.side) continue;
    const level = reported.status === 'blocked' ? fallbackLevel - 1 : fallbackLevel;
    const action = decideEntry(state, context, {
      step,
      candidate,
      signal: answer.signal,
      reported,
      fallbackLevel: level,
    });
    if (action !== undefined) return action;
  }
  return undefined;
}

function reportSignal(context: TradingContext, step: StrategyStep, candidate: PoolCandidate, signal: Signal): Action {
  const signalId = `${context.date}/${step.strategy.name}/${candidate.symbol}`;
  return record(STREAMS.strategy(step.strategy.name, context.date), {
    type: 'SignalTriggered',
    data: {
      signalId,
      strategy: step.strategy.name,
      symbol: candidate.symbol,
      side: signal.side,
      rule: signal.rule,
      price: priceToDecimal(signal.price).shortText(2),
      poolRank: candidate.rank,
      figures: signal.figures,
    },
    correlationId: signalId,
    causationId: step.run.poolEventId,
  });
}
