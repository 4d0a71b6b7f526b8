import { isClosing } from '../../domain/lifecycle/bot-state.js';
import { closesAtOnce } from '../../domain/session/trading-permissions.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { STREAMS } from '../../events/streams.js';
import { MINUTE_MS, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { record, type Rule } from '../action.js';
import { pacingTime, type TradingContext } from '../context.js';
import { isOverdue, LOOK_AGAIN_MS } from './settle-differences.js';
import { unknownDraft, type Occasion } from './record-comparison.js';

/**
 * Books against broker: at the start of a session and of a process, after each reconnect and each resolution, and every
 * BOOKS_COMPARE_MINUTES; the end of the session has its own. A closing bot has no time for it, and a broker that is away cannot
 * be asked.
 */
export const comparisonRule: Rule = (state, context, now, atMinute) => {
  if (state.session === undefined || closesAtOnce(state) || isClosing(state.botState)) return undefined;
  if (now >= context.strategyContext.closesAt) return undefined;
  const everyMs = context.settings.BOOKS_COMPARE_MINUTES * MINUTE_MS;
  if (state.session.suspendedSince !== undefined) {
    if (state.comparison.unknownSince !== null || !isOverdue(state, everyMs, now)) return undefined;
    return record(STREAMS.accounting, unknownDraft(state, 'schedule', 'the broker is disconnected'));
  }
  return isDue(state, context, now, atMinute) ? { act: 'compare', occasion: occasionOf(state, context) } : undefined;
};

/**
 * The intervals of the schedule begin with the session, so that each process compares at the same times. Before it
 * opens the first one counts.
 */
export function intervalAt({ settings, strategyContext }: TradingContext, now: EpochMs): number {
  const sinceOpen = Math.max(0, now - strategyContext.opensAt);
  return Math.floor(sinceOpen / (settings.BOOKS_COMPARE_MINUTES * MINUTE_MS));
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
