import { MINUTE_MS, plusMs, type EpochMs } from '../../kernel/time.js';
import { WINDOW_OVER } from '../../domain/session/skipped.js';
import type { Strategy, StrategyContext, StrategyWindow } from '../../strategies/strategy.js';
import type { TradingContext } from '../context.js';

/** Why a strategy does not begin in this session. */
export interface StartBlocker {
  readonly code: string;
  readonly message: string;
}

/** Not a failure: the bot came too late for it. */
export const LATE_START: StartBlocker = { code: WINDOW_OVER, message: 'its window ended before the bot started' };

/**
 * Reason why a strategy cannot begin: a failed self-check of it or its filters (TRD-24), a window outside the session, or
 * a window that ended before the bot started, which is not a failure. Undefined when it can begin.
 */
export function startBlocker(
  context: TradingContext,
  strategy: Strategy,
  window: StrategyWindow,
  now: EpochMs,
): StartBlocker | undefined {
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
  return now < window.endsAt ? undefined : LATE_START;
}

/** Whether the window is open at the end of some minute for a bot that runs from the open. */
function fitsInto({ opensAt, closesAt }: StrategyContext, { analysisFrom, endsAt }: StrategyWindow): boolean {
  const firstMinute = plusMs(opensAt, MINUTE_MS);
  return analysisFrom < closesAt && (analysisFrom > firstMinute ? analysisFrom : firstMinute) < endsAt;
}
