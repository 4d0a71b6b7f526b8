import { MINUTE_MS, plusMs, toUtcText, type EpochMs } from '../../kernel/time.js';
import type { EventData } from '../../events/event.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import { isHalted, isResting } from '../../domain/session/trading-permissions.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { SignalRun, StrategyRun } from '../../domain/session/session-run.js';
import { WINDOW_OVER } from '../../domain/session/skipped.js';
import type { Reason, SignalResult, Strategy, StrategyContext, StrategyWindow } from '../../strategies/strategy.js';
import { record, type Action, type Rule } from '../action.js';
import { worldTime, type TradingContext, sessionCorrelation } from '../context.js';
import type { Draft } from '../../events/draft.js';
import { withTimeBudget } from '../time-budget.js';
import { nextForCandidates } from '../entries/entry-gate.js';
import { recordOrderEvents } from '../orders/order-follow-up.js';
import { STREAMS } from '../../events/streams.js';

type Phase = EventData<'PhaseStarted'>['phase'];
const PHASES: ReadonlySet<string> = new Set<Phase>(['open', 'mid', 'close']);

function phaseOf(strategy: Strategy): Phase | undefined {
  return PHASES.has(strategy.name) ? (strategy.name as string as Phase) : undefined;
}

export interface StrategyStep {
  readonly strategy: Strategy;
  readonly window: StrategyWindow;
  readonly run: StrategyRun;
  readonly now: EpochMs;
}

/**
 * Phase 3 (RUN-23): each strategy in its window: start, rank, signals and entries, end. Moves only as minutes end, but
 * ends at once when the bot is stopped; while it rests no strategy begins.
 */
export const strategyRules: Rule = (state, context, now, atMinute) => {
  const resting = isResting(state);
  if (state.session === undefined || (!atMinute && !resting)) return undefined;
  for (const strategy of context.strategies) {
    const window = context.windows.get(strategy.name);
    if (window === undefined || now < window.analysisFrom) continue;
    const run = state.session.strategies.get(strategy.name);
    if (run === undefined && resting) continue;
    const action = withTimeBudget(
      context,
      { strategy, asked: run?.failed !== true, causationId: run?.startedEventId },
      () =>
        run === undefined
          ? begin(state, context, { strategy, window, now })
          : continueRun(state, context, { strategy, window, run, now }),
    );
    if (action !== undefined) return action;
  }
  return undefined;
};

function begin(state: EngineState, context: TradingContext, step: Omit<StrategyStep, 'run'>): Action | undefined {
  const { strategy, window, now } = step;
  const phase = phaseOf(strategy);
  const cause = { correlationId: sessionCorrelation(context), causationId: state.session?.openedEventId ?? null };
  if (phase !== undefined && !state.session?.phases.has(phase)) {
    return record(STREAMS.session(context.date), { type: 'PhaseStarted', data: { phase }, ...cause });
  }
  const stream = STREAMS.strategy(strategy.name, context.date);
  const failure = failureOf(context, strategy, window, now);
  if (failure !== undefined) {
    return record(stream, { type: 'StrategyFailed', data: { strategy: strategy.name, ...failure }, ...cause });
  }
  return record(stream, {
    type: 'StrategyStarted',
    data: {
      strategy: strategy.name,
      analysisFrom: toUtcText(window.analysisFrom),
      breakoutFrom: toUtcText(window.breakoutFrom),
      monitoringFrom: toUtcText(window.monitoringFrom),
      endsAt: toUtcText(window.endsAt),
      shortType: strategy.shortType(context.settings),
    },
    ...cause,
  });
}

/**
 * A failing self-check skips the strategy, with reason (TRD-24); so does a window that no day has, or that was over before
 * the bot was there, which is nobody's failure.
 */
function failureOf(
  context: TradingContext,
  strategy: Strategy,
  window: StrategyWindow,
  now: EpochMs,
): { readonly code: string; readonly message: string } | undefined {
  const checks = [
    ...strategy.selfCheck(context.strategyContext),
    ...strategy.filters
      .filter((filter) => filter.enabled(context.settings))
      .map((filter) => filter.selfCheck(context.strategyContext)),
  ].filter((check) => !check.ok);
  if (checks.length > 0) {
    return { code: 'SELF_CHECK_FAILED', message: checks.map((check) => `${check.module}: ${check.cause}`).join('; ') };
  }
  if (!fitsInto(context.strategyContext, window)) {
    return { code: 'WINDOW_OUTSIDE_SESSION', message: 'its window does not fit into this trading day' };
  }
  return now < window.endsAt ? undefined : { code: WINDOW_OVER, message: 'its window was over when the bot began' };
}

/** Whether a bot that is there from the open on finds the window open at the end of some minute. */
function fitsInto({ opensAt, closesAt }: StrategyContext, { analysisFrom, endsAt }: StrategyWindow): boolean {
  const firstMinute = plusMs(opensAt, MINUTE_MS);
  return analysisFrom < closesAt && (analysisFrom > firstMinute ? analysisFrom : firstMinute) < endsAt;
}

function continueRun(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  const { run, window, now, strategy } = step;
  if (run.failed) return closeEntries(state, step) ?? endPhase(state, context, strategy);
  if (run.ended) return endPhase(state, context, strategy);
  if (!isHalted(state) && !isResting(state)) {
    if (run.pool === undefined && now >= window.breakoutFrom) return rank(context, step);
    if (now < window.breakoutFrom) return undefined;
    if (worldTime(context, now) < window.monitoringFrom) return nextForCandidates(state, context, step);
  }
  return closeEntries(state, step) ?? tellUntraded(context, step) ?? end(state, context, step);
}

function rank(context: TradingContext, { strategy, run }: StrategyStep): Action {
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

/** What is left of entries when their window closes is not chased. */
function closeEntries(state: EngineState, { strategy }: StrategyStep): Action | undefined {
  for (const order of state.liveOrders.values()) {
    if (order.intent.strategy !== strategy.name || order.intent.purpose !== 'entry') continue;
    const cancel = recordOrderEvents(
      state,
      order,
      decideOrder(order, { kind: 'requestCancel', reason: 'the entry window closed' }),
    );
    if (cancel !== undefined) return cancel;
  }
  return undefined;
}

/** Every candidate that was not traded is told with its reason, so that the log answers for each (TRD-13). */
function tellUntraded(context: TradingContext, { strategy, run }: StrategyStep): Action | undefined {
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

/** A filter's block lasted, or the candidate waited for the broker or for a slot. */
function whyHeldBack({ blocks }: SignalRun): Reason {
  return blocks.size === 0
    ? { code: 'WAITED_UNTIL_WINDOW_CLOSED', figures: {} }
    : { code: 'BLOCKED_UNTIL_WINDOW_CLOSED', figures: { blocks: [...blocks].join(' ') } };
}

function end(
  state: EngineState,
  context: TradingContext,
  { strategy, run, window, now }: StrategyStep,
): Action | undefined {
  const halted = isHalted(state);
  const over = halted || isResting(state);
  if (!over && now < window.endsAt) return undefined;
  const busy = isBusy(state, strategy);
  // what could not be closed is carried to the next session, which closes it first
  if (busy && now < context.strategyContext.closesAt) return undefined;
  return record(STREAMS.strategy(strategy.name, context.date), {
    type: 'StrategyEnded',
    data: {
      strategy: strategy.name,
      candidates: run.pool?.candidates.length ?? 0,
      signals: run.signals.size,
      blocked: run.blocked,
      entries: run.entries,
      reason: busy
        ? 'the session closed before its positions'
        : halted
          ? 'the kill switch tripped'
          : over
            ? 'the bot was stopped'
            : 'its window closed',
    },
    correlationId: sessionCorrelation(context),
    causationId: run.startedEventId,
  });
}

function isBusy(state: EngineState, strategy: Strategy): boolean {
  for (const position of state.positions.values()) {
    if (position.strategy !== strategy.name) continue;
    if (!position.quantity.isZero() || position.orders.some((id) => state.liveOrders.has(id))) return true;
  }
  return false;
}

function endPhase(state: EngineState, context: TradingContext, strategy: Strategy): Action | undefined {
  const phase = phaseOf(strategy);
  if (phase === undefined || state.session?.phases.get(phase) !== 'started') return undefined;
  return record(STREAMS.session(context.date), {
    type: 'PhaseEnded',
    data: { phase, reason: 'its strategy ended' },
    correlationId: sessionCorrelation(context),
    causationId: state.session.openedEventId,
  });
}
