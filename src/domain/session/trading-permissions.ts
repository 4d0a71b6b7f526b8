import { isActive, isClosing } from '../lifecycle/bot-state.js';
import { mismatchesHoldEntries } from '../accounting/comparison-state.js';
import { forbidsEntries } from '../watchdog/responses.js';
import { heldSide } from './session-run.js';
import type { EngineState } from './engine-state.js';

/** Whether the daily loss tripped the kill switch in this session and it was not reset. */
export function isHalted(state: EngineState): boolean {
  return state.killTripped !== undefined && state.session?.halted === true;
}

/** Whether all positions are closed immediately, including late fills after `stopped` (RUN-16). */
export function closesAtOnce(state: EngineState): boolean {
  return isHalted(state) || state.botState === 'emergency_closing_positions' || state.botState === 'stopped';
}

/** Whether a stop, a kill or the loss limit is closing the positions, at once or one by one. */
export function closesPositions(state: EngineState): boolean {
  return closesAtOnce(state) || isClosing(state.botState);
}

/** Whether the bot was stopped, killed or is in error: strategies end and none begins until a user starts it (RUN-11). */
export function isResting(state: EngineState): boolean {
  return !isActive(state.botState) && !isHalted(state);
}

/**
 * Whether entries wait: no main supervises the engine, the clock cannot be right, the journal is away (RUN-42), the broker is
 * disconnected, a test runs (RUN-35), the watchdog found a needed part down, another program wrote to a stream of the journal,
 * another copy of the bot trades the account, or the books differ from the broker (ACC-62).
 */
export function entriesHeld(state: EngineState): boolean {
  if (state.supervision !== 'main' || state.clockFault !== undefined) return true;
  if (state.journalOutage !== undefined || state.botCopy !== undefined) return true;
  if (state.session?.suspendedSince !== undefined || state.testRuns.size > 0) return true;
  if (state.blockedStreams.size > 0) return true;
  if (mismatchesHoldEntries(state.comparison, state.settings)) return true;
  return state.watchdogDown.size > 0 && [...state.watchdogDown].some(forbidsEntries);
}

/** Whether there are no positions and no live orders. */
export function isFlat(state: EngineState): boolean {
  if (state.liveOrders.size > 0) return false;
  for (const position of state.positions.values()) if (!position.quantity.isZero()) return false;
  return true;
}

/** Whether the bot holds something that a stop or kill has to close: also in `error`, and late fills in `stopped`. */
export function closesLeftovers(state: EngineState): boolean {
  return (state.openHalt !== undefined || state.botState === 'stopped') && !isFlat(state);
}

/** Text of all open positions and live orders: `AIG 5 long, order X unresolved`. */
export function openRemainder(state: EngineState): string {
  const held = [...state.positions.values()]
    .filter(({ quantity }) => !quantity.isZero())
    .map((position) => `${position.symbol} ${position.quantity.abs().shortText()} ${heldSide(position)}`);
  const orders = [...state.liveOrders.values()].map(({ intent, stage }) => `order ${intent.clientOrderId} ${stage}`);
  return [...held.sort(), ...orders.sort()].join(', ');
}
