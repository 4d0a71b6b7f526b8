import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal, subtractCents } from '../../kernel/money.js';
import { isAtRest } from '../../domain/lifecycle/bot-state.js';
import { dailyLoss } from '../../domain/risk/kill-switch.js';
import { record, type Rule } from '../action.js';
import { limitsOf, unrealized } from './exposure.js';
import { sessionCorrelation } from '../context.js';
import { STREAMS } from '../../events/streams.js';

/**
 * Trips the kill switch once when the daily loss (realized after fees, plus unrealized) exceeds the limit (TRD-41). After a
 * reset what was realized before it no longer counts: it would trip again at once, and the reset would mean nothing.
 */
export const killSwitchRule: Rule = (state, context) => {
  const session = state.session;
  if (session === undefined || state.killTripped !== undefined) return undefined;
  if (state.positions.size === 0) return undefined;
  // a stopped bot has nothing to halt
  if (isAtRest(state.botState)) return undefined;
  const day = dailyLoss({
    realized: centsToDecimal(subtractCents(subtractCents(session.grossPnl, session.fees), session.resultAtReset)),
    unrealized: unrealized(state, context),
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
