import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal, subtractCents } from '../../kernel/money.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import { dailyLoss } from '../../domain/risk/kill-switch.js';
import { record, type Rule } from './action.js';
import { limitsOf, unrealized } from './exposure.js';
import { exitPosition } from './rules-exits.js';
import { sessionCorrelation } from './rules-lifecycle.js';
import { recordOrderEvents } from './rules-orders.js';
import { STREAMS } from './streams.js';

/** TRD-41: the day's loss, realized after fees and unrealized, against the limit. Trips once. */
export const killSwitchRule: Rule = (state, context) => {
  const session = state.session;
  if (session === undefined || state.killTripped !== undefined) return undefined;
  if (state.positions.size === 0) return undefined;
  const day = dailyLoss({
    realized: centsToDecimal(subtractCents(session.grossPnl, session.fees)),
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

/** After a kill: what is working is cancelled, what is held is closed, at once (RUN-16). */
export const killRule: Rule = (state, context, now, atMinute) => {
  if (state.killTripped === undefined || state.session?.halted !== true) return undefined;
  for (const order of state.liveOrders.values()) {
    if (order.intent.purpose === 'exit') continue;
    const cancel = recordOrderEvents(
      state,
      order,
      decideOrder(order, { kind: 'requestCancel', reason: 'the kill switch tripped' }),
    );
    if (cancel !== undefined) return cancel;
  }
  for (const position of state.positions.values()) {
    // the first order goes at once; what the broker refuses is tried again each minute, not as fast as it can refuse
    if (position.exitReason === 'kill' && !atMinute) continue;
    const exit = exitPosition(state, context, { position, reason: 'kill', now });
    if (exit !== undefined) return exit;
  }
  return undefined;
};
