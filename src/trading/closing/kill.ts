import { closesAtOnce, isHalted } from '../../domain/session/trading-permissions.js';
import type { Rule } from '../action.js';
import { exitPosition } from '../exits/exit-order.js';
import { cancelRestingStops } from '../exits/resting-stop.js';
import { cancelEntries } from './cancel-entries.js';

/** After a kill: cancels all working entries and closes all positions immediately (RUN-16). */
export const killRule: Rule = (state, context, now, atMinute) => {
  if (!closesAtOnce(state)) return undefined;
  const why = isHalted(state) ? 'the kill switch tripped' : 'the bot was killed or stopped';
  const cancel = cancelEntries(state, why) ?? cancelRestingStops(state, why);
  if (cancel !== undefined) return cancel;
  for (const position of state.positions.values()) {
    // the first order goes out immediately; a rejected exit is retried only once a minute
    if (position.exitReason === 'kill' && !atMinute) continue;
    const exit = exitPosition(state, context, { position, reason: 'kill', now });
    if (exit !== undefined) return exit;
  }
  return undefined;
};
