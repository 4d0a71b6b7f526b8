import type { EpochMs } from '../../kernel/time.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { firstFillAt } from '../../domain/session/position-cost.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import { recordAll, type Rule } from '../action.js';
import { exitPosition } from '../exits/exit-order.js';
import { cancelRestingStops } from '../exits/resting-stop.js';
import { isAwaited } from './awaited-orders.js';
import { cancelEntries } from './cancel-entries.js';

/** After a stop: cancels open entries, then closes positions one by one, oldest first (RUN-11). */
export const gracefulRule: Rule = (state, context, now, atMinute) => {
  if (state.botState !== 'graceful_closing_positions') return undefined;
  const reason = 'the bot is stopped';
  const cancel = recordAll([...cancelEntries(state, reason), ...cancelRestingStops(state, reason)]);
  if (cancel !== undefined) return cancel;
  const why = state.supervision === 'grace_over' ? 'orphaned' : 'manual';
  for (const position of byEntry(state)) {
    if (isBeingClosed(state, position, now)) return undefined;
    if (position.exitReason !== undefined && !atMinute) continue;
    const exit = exitPosition(state, context, { position, reason: position.exitReason ?? why, now });
    if (exit !== undefined) return exit;
  }
  return undefined;
};

function byEntry(state: EngineState): readonly PositionRun[] {
  const held = [...state.positions.values()].filter(({ quantity }) => !quantity.isZero());
  const entryAt = (position: PositionRun): string => firstFillAt(position) ?? position.signalAt;
  return held.sort((a, b) => (entryAt(a) < entryAt(b) ? -1 : entryAt(a) > entryAt(b) ? 1 : 0));
}

function isBeingClosed(state: EngineState, position: PositionRun, now: EpochMs): boolean {
  return position.orders.some((id) => isAwaited(state, id, now));
}
