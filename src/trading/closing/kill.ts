import { closesAtOnce, isHalted } from '../../domain/session/trading-permissions.js';
import type { Rule } from '../action.js';
import { exitPosition } from '../exits/exit-order.js';
import { cancelEntries } from './cancel-entries.js';

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
