import { closesPositions } from '../../domain/session/trading-permissions.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { STREAMS } from '../../events/streams.js';
import { MINUTE_MS, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { record, type Rule } from '../action.js';
import { pacingTime, type TradingContext } from '../context.js';
import { isOverdue, LOOK_AGAIN_MS } from './settle-differences.js';
import { unknownDraft, type Occasion } from './record-comparison.js';

/**
 * Books against broker: at the start of a session and of a process, after each reconnect and each resolution, and every
 * BOOKS_COMPARE_MINUTES; the end of the session has its own. A closing bot looks when the broker refuses its exits only: what
 * they close may be closed already, by a call of an earlier process or by a person. A broker that is away cannot be asked.
 */
export const comparisonRule: Rule = (state, context, now, atMinute) => {
  if (state.session === undefined) return undefined;
  const isClosing = closesPositions(state);
  if (isClosing && !hasRefusedExit(state)) return undefined;
  if (now >= context.strategyContext.closesAt) return undefined;
  const everyMs = context.settings.BOOKS_COMPARE_MINUTES * MINUTE_MS;
  if (state.session.suspendedSince !== undefined) {
    if (state.comparison.unknownSince !== null || !isOverdue(state, everyMs, now)) return undefined;
    return record(STREAMS.accounting, unknownDraft(state, 'schedule', 'the broker is disconnected'));
  }
  const due = isClosing ? isDueWhileClosing(context, now) : isDue(state, context, now, atMinute);
  return due ? { act: 'compare', occasion: occasionOf(state, context) } : undefined;
};

/**
 * The intervals of the schedule begin with the session, so that each process compares at the same times. Before it
 * opens the first one counts.
 */
export function intervalAt({ settings, strategyContext }: TradingContext, now: EpochMs): number {
  const sinceOpen = Math.max(0, now - strategyContext.opensAt);
  return Math.floor(sinceOpen / (settings.BOOKS_COMPARE_MINUTES * MINUTE_MS));
}

/** Whether the broker refused an exit of a position that is open in the books. */
function hasRefusedExit({ orders, positions }: EngineState): boolean {
  return [...orders.values()].some(({ intent, stage, acknowledged }) => {
    if (intent.purpose !== 'exit' || stage !== 'rejected' || intent.positionId === null) return false;
    return !acknowledged && positions.get(intent.positionId)?.quantity.sign() === 1;
  });
}

/** As often as exits are tried again. */
function isDueWhileClosing(context: TradingContext, now: EpochMs): boolean {
  const { lookedAt, awaited } = context.memory.comparison;
  if (lookedAt === undefined) return true;
  const waited = pacingTime(context, now) - lookedAt;
  return waited >= (awaited === undefined ? LOOK_AGAIN_MS : context.settings.API_TIMEOUT * SECOND_MS);
}

function isDue(state: EngineState, context: TradingContext, now: EpochMs, atMinute: boolean): boolean {
  const { memory, settings } = context;
  const { lookedAt, awaited, looksAgain, interval } = memory.comparison;
  if (lookedAt === undefined) return true;
  const waited = pacingTime(context, now) - lookedAt;
  if (awaited !== undefined) return waited >= settings.API_TIMEOUT * SECOND_MS;
  if (looksAgain) return waited >= memory.comparison.pauseMs;
  if (state.comparison.due !== null || (atMinute && intervalAt(context, now) > interval)) return true;
  // the time of day was set back
  return waited >= settings.BOOKS_COMPARE_MINUTES * MINUTE_MS + LOOK_AGAIN_MS;
}

function occasionOf(state: EngineState, { memory: { comparison } }: TradingContext): Occasion {
  return comparison.lookedAt === undefined ? 'start' : (state.comparison.due ?? 'schedule');
}
