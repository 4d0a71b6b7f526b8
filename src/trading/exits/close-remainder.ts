import { heldSide } from '../../domain/session/session-run.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import type { Rule } from '../action.js';
import { exitPosition } from './exit-order.js';

/**
 * Closes shares on the other side of a position at once: an over-filled exit or a busted entry left them, and no strategy
 * wants them. An exit that was refused is repeated once a minute.
 */
export const remainderRule: Rule = (state, context, now, atMinute) => {
  for (const position of state.positions.values()) {
    if (position.quantity.sign() >= 0) continue;
    if (!atMinute && wasTried(state, position)) continue;
    const exit = exitPosition(state, context, { position, reason: position.exitReason ?? 'manual', now });
    if (exit !== undefined) return exit;
  }
  return undefined;
};

/** Whether the last order of the position was to close such shares: an earlier one may have closed others. */
function wasTried(state: EngineState, position: PositionRun): boolean {
  const last = position.orders.at(-1);
  const intent = last === undefined ? undefined : state.orders.get(last)?.intent;
  return intent?.positionEffect === `close_${heldSide(position)}`;
}
