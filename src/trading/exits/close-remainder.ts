import { parseUtcText, plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import type { ExecutionHistory } from '../../domain/orders/order.js';
import { heldSide, type PositionRun } from '../../domain/session/session-run.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Rule } from '../action.js';
import { exitPosition } from './exit-order.js';

/** A broker that cancels an execution to book it again does both at once; shares of the moment between are not closed. */
const BOOKED_AGAIN_WITHIN_MS = 10 * SECOND_MS;

/**
 * Closes shares on the other side of a position at once: an over-filled exit or a busted entry left them, and no strategy
 * wants them. An exit that was refused is repeated once a minute.
 */
export const remainderRule: Rule = (state, context, now, atMinute) => {
  for (const position of state.positions.values()) {
    if (position.quantity.sign() >= 0 || mayBeBookedAgain(state, position, now)) continue;
    if (!atMinute && wasTried(state, position)) continue;
    const exit = exitPosition(state, context, { position, reason: position.exitReason ?? 'manual', now });
    if (exit !== undefined) return exit;
  }
  return undefined;
};

function mayBeBookedAgain(state: EngineState, { orders }: PositionRun, now: EpochMs): boolean {
  const isFresh = ({ bookings, endings, endedAt }: ExecutionHistory): boolean =>
    endings === bookings.length && endedAt !== null && now < plusMs(parseUtcText(endedAt), BOOKED_AGAIN_WITHIN_MS);
  return orders.some((id) => [...(state.orders.get(id)?.history.values() ?? [])].some(isFresh));
}

/** Whether the last order of the position was to close such shares: an earlier one may have closed others. */
function wasTried(state: EngineState, position: PositionRun): boolean {
  const last = position.orders.at(-1);
  const intent = last === undefined ? undefined : state.orders.get(last)?.intent;
  return intent?.positionEffect === `close_${heldSide(position)}`;
}
