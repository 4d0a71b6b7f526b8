import { Decimal } from '../../kernel/decimal.js';
import { isAtRest } from '../../domain/lifecycle/bot-state.js';
import { realizedOfDay } from '../../domain/session/day-result.js';
import { dailyLoss } from '../../domain/risk/kill-switch.js';
import { record, type Rule } from '../action.js';
import { limitsOf, unrealizedOfDay } from './exposure.js';
import { sessionCorrelation } from '../context.js';
import { STREAMS } from '../../events/streams.js';

/**
 * Trips the kill switch once when the daily loss (realized after fees, plus unrealized) exceeds the limit (TRD-41). Both are
 * against the value that the day began with: what a carried position lost before is no loss of this day. After a reset what
 * was realized before it no longer counts: it would trip again at once, and the reset would mean nothing.
 */
export const killSwitchRule: Rule = (state, context) => {
  const session = state.session;
  if (session === undefined || state.killTripped !== undefined) return undefined;
  if (state.positions.size === 0) return undefined;
  // a stopped bot has nothing to halt
  if (isAtRest(state.botState)) return undefined;
  const day = dailyLoss({
    realized: realizedOfDay(session, state.positions.values()).minus(session.resultAtReset),
    unrealized: unrealizedOfDay(state, session, context),
    floatAtStart: Decimal.parse(session.opened.floatAtStart),
    limitFraction: limitsOf(state, context).dailyLossLimit,
  });
  if (!day.breached) return undefined;
  const cause = { correlationId: sessionCorrelation(context), causationId: session.openedEventId };
  return record(
    STREAMS.risk,
    { type: 'RiskLimitBreached', data: { limit: 'DAILY_LOSS_LIMIT', figures: day.figures }, ...cause },
    { type: 'KillSwitchTripped', data: { code: 'DAILY_LOSS_LIMIT', figures: day.figures }, ...cause },
  );
};
