import { toUtcText } from '../../kernel/time.js';
import type { EventData } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { StrategyRun } from '../../domain/session/session-run.js';
import { closesAtOnce, isHalted, isResting } from '../../domain/session/trading-permissions.js';
import type { Strategy } from '../../strategies/strategy.js';
import { record, type Action, type Rule } from '../action.js';
import { sessionCorrelation, worldTime, type TradingContext } from '../context.js';
import { awaitsOrders } from '../closing/awaited-orders.js';
import { endConfirmations } from '../entries/confirmation.js';
import { cancelLateEntries } from '../entries/entry-order.js';
import { rankCandidates } from '../entries/ranking.js';
import { routeCandidates } from '../entries/router.js';
import { reportUnanswered, reportUntraded } from '../entries/untraded.js';
import { withTimeBudget } from '../time-budget.js';
import { reportSkipped } from './skipped-strategies.js';
import { LATE_START, startBlocker, type StartBlocker } from './strategy-self-check.js';
import type { StrategyStep } from './strategy-step.js';

/**
 * Phase 3 (RUN-23): runs each strategy in its window: start, ranking, signals and entries, end. It advances when minutes
 * end, but ends strategies immediately when the bot is stopped; a stopped bot starts none. The end of the program only pauses
 * them. After a kill they end when no order of it is awaited: none of their code runs before its last order has left.
 */
export const strategyRules: Rule = (state, context, now, atMinute) => {
  const resting = isResting(state);
  if (state.session === undefined || (!atMinute && !resting)) return undefined;
  if (closesAtOnce(state) && now < context.strategyContext.closesAt && awaitsOrders(state, now)) return undefined;
  const skipped = reportSkipped(state, context);
  if (skipped !== undefined) return skipped;
  for (const strategy of context.strategies) {
    const window = context.windows.get(strategy.name);
    if (window === undefined || now < window.analysisFrom) continue;
    const run = state.session.strategies.get(strategy.name);
    if (run === undefined && resting) continue;
    const action = stepOf(state, context, { strategy, window, now }, run);
    if (action !== undefined) return action;
  }
  return undefined;
};

/** What the strategy does now. One that cannot answer after its window ends like every other. */
function stepOf(
  state: EngineState,
  context: TradingContext,
  step: Omit<StrategyStep, 'run'>,
  run: StrategyRun | undefined,
): Action | undefined {
  const { strategy, window, now } = step;
  const isOver = now >= window.endsAt;
  const withoutIt = (): Action | undefined =>
    run === undefined ? leaveOut(state, context, step) : finishWithout(state, context, { ...step, run });
  const without = isOver ? withoutIt : undefined;
  const asked = run?.failed !== true && run?.ended !== true;
  return withTimeBudget(context, { strategy, asked, causationId: run?.startedEventId, isOver, without }, () =>
    run === undefined ? begin(state, context, step) : continueRun(state, context, { ...step, run }),
  );
}

function begin(state: EngineState, context: TradingContext, step: Omit<StrategyStep, 'run'>): Action | undefined {
  const { strategy, window, now } = step;
  const phase = strategy.phase;
  const cause = { correlationId: sessionCorrelation(context), causationId: state.session?.openedEventId ?? null };
  if (phase !== undefined && !state.session?.phases.has(phase)) {
    return record(STREAMS.session(context.date), { type: 'PhaseStarted', data: { phase }, ...cause });
  }
  const failure = startBlocker(context, strategy, window, now);
  if (failure !== undefined) return leaveOut(state, context, step, failure);
  return record(STREAMS.strategy(strategy.name, context.date), {
    type: 'StrategyStarted',
    data: {
      strategy: strategy.name,
      analysisFrom: toUtcText(window.analysisFrom),
      breakoutFrom: toUtcText(window.breakoutFrom),
      monitoringFrom: toUtcText(window.monitoringFrom),
      endsAt: toUtcText(window.endsAt),
      shortType: strategy.shortType(context.settings),
      ...filtersWithoutData(strategy, context),
      ...(strategy.codeSha256 === undefined ? {} : { codeSha256: strategy.codeSha256 }),
    },
    ...cause,
  });
}

/** What the decision record says of enabled filters that this session has no data for. */
function filtersWithoutData(
  { filters }: Strategy,
  { settings, strategyContext }: TradingContext,
): Pick<EventData<'StrategyStarted'>, 'filtersWithoutData'> {
  const found = filters.flatMap((filter) => {
    const reason = filter.enabled(settings) ? filter.unavailable?.(strategyContext) : undefined;
    return reason === undefined ? [] : [{ filter: filter.name, ...reason }];
  });
  return found.length === 0 ? {} : { filtersWithoutData: found };
}

function leaveOut(
  state: EngineState,
  context: TradingContext,
  { strategy }: Omit<StrategyStep, 'run'>,
  why: StartBlocker = LATE_START,
): Action {
  return record(STREAMS.strategy(strategy.name, context.date), {
    type: 'StrategyFailed',
    data: { strategy: strategy.name, ...why },
    correlationId: sessionCorrelation(context),
    causationId: state.session?.openedEventId ?? null,
  });
}

function continueRun(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  const { run, window, now, strategy } = step;
  // the next start continues it: what ends the program does not end its day
  if (isPausedByExit(state, context, step)) return undefined;
  if (run.failed) return cancelLateEntries(state, step) ?? endPhase(state, context, strategy);
  if (run.ended) return endPhase(state, context, strategy);
  if (!isHalted(state) && !isResting(state)) {
    if (run.pool === undefined && now >= window.breakoutFrom) return rankCandidates(context, step);
    if (now < window.breakoutFrom) return undefined;
    if (worldTime(context, now) < window.monitoringFrom) {
      return endConfirmations(context, step) ?? routeCandidates(state, context, step);
    }
  }
  return finish(state, context, step);
}

function finish(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  return (
    withdrawn(state, context, step) ??
    cancelLateEntries(state, step) ??
    reportUntraded(state, context, step) ??
    end(state, context, step)
  );
}

function finishWithout(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  return (
    withdrawn(state, context, step) ??
    cancelLateEntries(state, step) ??
    reportUnanswered(state, context, step) ??
    end(state, context, step)
  );
}

function withdrawn(state: EngineState, context: TradingContext, step: StrategyStep): Action | undefined {
  const stopped = isHalted(state) || isResting(state);
  return endConfirmations(context, step, stopped ? 'the bot was stopped' : 'its entry window closed');
}

function isPausedByExit(state: EngineState, context: TradingContext, { window, now }: StrategyStep): boolean {
  return isResting(state) && !isHalted(state) && context.isLeaving?.() === true && now < window.endsAt;
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
  // open positions are carried to the next session, which closes them first
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
  const phase = strategy.phase;
  if (phase === undefined || state.session?.phases.get(phase) !== 'started') return undefined;
  return record(STREAMS.session(context.date), {
    type: 'PhaseEnded',
    data: { phase, reason: 'its strategy ended' },
    correlationId: sessionCorrelation(context),
    causationId: state.session.openedEventId,
  });
}
