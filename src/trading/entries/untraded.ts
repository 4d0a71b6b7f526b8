import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { mismatchesHoldEntries, openMismatches } from '../../domain/accounting/comparison-state.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { SignalRun } from '../../domain/session/session-run.js';
import { isHalted, isResting } from '../../domain/session/trading-permissions.js';
import type { Reason, SignalResult } from '../../strategies/strategy.js';
import { record, type Action } from '../action.js';
import { sessionCorrelation, worldTime, type TradingContext } from '../context.js';
import type { StrategyStep } from '../lifecycle/strategy-step.js';
import { observedOf } from './closest-approach.js';
import type { PoolCandidate } from './entry-candidate.js';

/** Candidates of one action: each is played again through its minutes, 1 to 2 ms in a new process, and a step has 50 ms. */
const MOST_AT_ONCE = 5;

/** Records each candidate that was not traded with its reason and what was seen of it (TRD-13). */
export function reportUntraded(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  const { strategy, run } = step;
  const open = (run.pool?.candidates ?? []).filter(({ symbol }) => !run.decided.has(symbol)).slice(0, MOST_AT_ONCE);
  if (open.length === 0) return undefined;
  const stopped = stopOf(state, context, step);
  const waits = waitOf(state);
  const drafts = open.map((candidate) => untraded(context, step, candidate, { stopped, waits }));
  return record(STREAMS.strategy(strategy.name, context.date), ...drafts);
}

/** The same without the strategy, which could not answer. */
export function reportUnanswered(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  const { strategy, run } = step;
  const open = (run.pool?.candidates ?? []).filter(({ symbol }) => !run.decided.has(symbol));
  if (open.length === 0) return undefined;
  const code = stopOf(state, context, step) ?? 'NO_ANSWER';
  const drafts = open.map((candidate) => rejected(context, step, candidate, { code, figures: {} }));
  return record(STREAMS.strategy(strategy.name, context.date), ...drafts);
}

function untraded(
  context: TradingContext,
  step: StrategyStep,
  candidate: PoolCandidate,
  { stopped, waits }: { readonly stopped: string | undefined; readonly waits: Reason },
): Draft {
  const { strategy, run } = step;
  const signal = run.signals.get(candidate.symbol);
  const answer = strategy.signal(candidate.symbol, context.market, context.strategyContext);
  const why = signal === undefined ? whySilent(answer) : whyHeldBack(signal, answer, waits);
  return rejected(context, step, candidate, {
    code: stopped ?? why.code,
    figures: stopped === undefined ? why.figures : { ...why.figures, lastReason: why.code },
    ...(signal === undefined ? { observed: observedOf(context, step, candidate.symbol) } : {}),
  });
}

function rejected(
  context: TradingContext,
  { strategy, run }: StrategyStep,
  candidate: PoolCandidate,
  why: Pick<EventData<'CandidateRejected'>, 'code' | 'figures' | 'observed'>,
): Draft {
  const signal = run.signals.get(candidate.symbol);
  return {
    type: 'CandidateRejected',
    data: {
      strategy: strategy.name,
      symbol: candidate.symbol,
      signalId: signal?.data.signalId ?? null,
      poolRank: candidate.rank,
      fallbackLevel: 0,
      ...why,
    },
    correlationId: signal?.data.signalId ?? sessionCorrelation(context),
    causationId: signal?.eventId ?? run.poolEventId,
  };
}

/** What ended the entry window before its time: then that is the reason, and the rule's own answer is only a figure. */
function stopOf(state: EngineState, context: TradingContext, { window, now }: StrategyStep): string | undefined {
  if (worldTime(context, now) >= window.monitoringFrom) return undefined;
  if (isHalted(state)) return 'KILL_SWITCH_TRIPPED';
  return isResting(state) ? 'BOT_STOPPED' : undefined;
}

function whySilent(answer: SignalResult): Reason {
  return answer.fired ? { code: 'SIGNAL_AFTER_WINDOW', figures: answer.signal.figures } : answer.reason;
}

/** What a candidate without a block waited for: differences from the broker hold entries until a person resolves them. */
function waitOf({ comparison, settings }: EngineState): Reason {
  if (!mismatchesHoldEntries(comparison, settings)) return { code: 'WAITED_UNTIL_WINDOW_CLOSED', figures: {} };
  const ids = openMismatches(comparison).map(({ data }) => data.mismatchId);
  return { code: 'BOOKS_DIFFER', figures: { mismatches: ids.join(' ') } };
}

/** Reason of a waiting candidate: a lasting block, or a wait for the broker or a slot; and whether its signal lasted. */
function whyHeldBack({ blocks }: SignalRun, answer: SignalResult, waits: Reason): Reason {
  const signalNow = answer.fired ? 'FIRED' : answer.reason.code;
  return blocks.size === 0
    ? { code: waits.code, figures: { ...waits.figures, signalNow } }
    : { code: 'BLOCKED_UNTIL_WINDOW_CLOSED', figures: { blocks: [...blocks].join(' '), signalNow } };
}
