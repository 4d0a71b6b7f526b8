import { plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import { closesAtOnce, isHalted } from '../../domain/session/trading-permissions.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import type { Action, Rule } from '../action.js';
import { exitPosition } from '../exits/exit-triggers.js';
import { recordOrderEvents } from '../orders/order-follow-up.js';
import { firstFillAt } from '../positions/position-bookkeeping.js';

/** After a kill: what is working is cancelled, what is held is closed, at once (RUN-16). */
export const killRule: Rule = (state, context, now, atMinute) => {
  if (!closesAtOnce(state)) return undefined;
  const cancel = cancelEntries(state, isHalted(state) ? 'the kill switch tripped' : 'the bot was killed or stopped');
  if (cancel !== undefined) return cancel;
  for (const position of state.positions.values()) {
    // the first order goes at once; what the broker refuses is tried again each minute, not as fast as it can refuse
    if (position.exitReason === 'kill' && !atMinute) continue;
    const exit = exitPosition(state, context, { position, reason: 'kill', now });
    if (exit !== undefined) return exit;
  }
  return undefined;
};

/** An exit that nobody has answered for so long does not hold up the positions after it. */
const STUCK_AFTER_MS = 5 * SECOND_MS;

/** After a stop: open entries are cancelled, then one position after the other is closed, the oldest first (RUN-11). */
export const gracefulRule: Rule = (state, context, now, atMinute) => {
  if (state.botState !== 'graceful_closing_positions') return undefined;
  const cancel = cancelEntries(state, 'the bot is stopped');
  if (cancel !== undefined) return cancel;
  for (const position of byEntry(state)) {
    if (isBeingClosed(state, position, now)) return undefined;
    if (position.exitReason !== undefined && !atMinute) continue;
    const exit = exitPosition(state, context, { position, reason: position.exitReason ?? 'manual', now });
    if (exit !== undefined) return exit;
  }
  return undefined;
};

function cancelEntries(state: EngineState, reason: string): Action | undefined {
  for (const order of state.liveOrders.values()) {
    if (order.intent.purpose === 'exit') continue;
    const cancel = recordOrderEvents(state, order, decideOrder(order, { kind: 'requestCancel', reason }));
    if (cancel !== undefined) return cancel;
  }
  return undefined;
}

function byEntry(state: EngineState): readonly PositionRun[] {
  const held = [...state.positions.values()].filter(({ quantity }) => quantity.sign() > 0);
  const entryAt = (position: PositionRun): string => firstFillAt(position) ?? position.signalAt;
  return held.sort((a, b) => (entryAt(a) < entryAt(b) ? -1 : entryAt(a) > entryAt(b) ? 1 : 0));
}

function isBeingClosed(state: EngineState, position: PositionRun, now: EpochMs): boolean {
  return position.orders.some((id) => {
    const newsAt = state.liveOrders.has(id) ? state.newsAt.get(id) : undefined;
    return newsAt !== undefined && now < plusMs(newsAt, STUCK_AFTER_MS);
  });
}
