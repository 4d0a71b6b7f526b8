import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import type { SignalRun } from '../../domain/session/session-run.js';
import type { Reason, SignalResult } from '../../strategies/strategy.js';
import { record, type Action } from '../action.js';
import { sessionCorrelation, type TradingContext } from '../context.js';
import type { StrategyStep } from '../lifecycle/strategy-step.js';

/** Records each candidate that was not traded with its reason, for the log (TRD-13). */
export function reportUntraded(context: TradingContext, { strategy, run }: StrategyStep): Action | undefined {
  const drafts: Draft[] = [];
  for (const candidate of run.pool?.candidates ?? []) {
    if (run.decided.has(candidate.symbol)) continue;
    const signal = run.signals.get(candidate.symbol);
    const answer = strategy.signal(candidate.symbol, context.market, context.strategyContext);
    const why = signal === undefined ? whySilent(answer) : whyHeldBack(signal);
    drafts.push({
      type: 'CandidateRejected',
      data: {
        strategy: strategy.name,
        symbol: candidate.symbol,
        signalId: signal?.data.signalId ?? null,
        poolRank: candidate.rank,
        fallbackLevel: 0,
        code: why.code,
        figures: why.figures,
      },
      correlationId: signal?.data.signalId ?? sessionCorrelation(context),
      causationId: signal?.eventId ?? run.poolEventId,
    });
  }
  return drafts.length === 0 ? undefined : record(STREAMS.strategy(strategy.name, context.date), ...drafts);
}

function whySilent(answer: SignalResult): Reason {
  return answer.fired ? { code: 'SIGNAL_AFTER_WINDOW', figures: answer.signal.figures } : answer.reason;
}

/** Reason of a waiting candidate: a lasting block, or a wait for the broker or a slot. */
function whyHeldBack({ blocks }: SignalRun): Reason {
  return blocks.size === 0
    ? { code: 'WAITED_UNTIL_WINDOW_CLOSED', figures: {} }
    : { code: 'BLOCKED_UNTIL_WINDOW_CLOSED', figures: { blocks: [...blocks].join(' ') } };
}
