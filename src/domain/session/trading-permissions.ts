import { isActive } from '../lifecycle/bot-state.js';
import { forbidsEntries } from '../watchdog/responses.js';
import type { EngineState } from './engine-state.js';

/** The loss of the day has tripped the kill switch in this session, and nobody has reset it. */
export function isHalted(state: EngineState): boolean {
  return state.killTripped !== undefined && state.session?.halted === true;
}

/** Everything is to be closed at once; what comes in late, after `stopped`, too (RUN-16). */
export function closesAtOnce(state: EngineState): boolean {
  return isHalted(state) || state.botState === 'emergency_closing_positions' || state.botState === 'stopped';
}

/** The bot was stopped, killed or is in error: strategies end, none begins, until a person starts it (RUN-11). */
export function isResting(state: EngineState): boolean {
  return !isActive(state.botState) && !isHalted(state);
}

/** Entries wait: the broker is away, a test runs (RUN-35), or the watchdog misses something they need. */
export function entriesHeld(state: EngineState): boolean {
  if (state.session?.suspendedSince !== undefined || state.testRuns.size > 0) return true;
  return state.watchdogDown.size > 0 && [...state.watchdogDown].some(forbidsEntries);
}

/** Nothing is held and no order is on its way. */
export function isFlat(state: EngineState): boolean {
  if (state.liveOrders.size > 0) return false;
  for (const position of state.positions.values()) if (!position.quantity.isZero()) return false;
  return true;
}

/** What is not closed, in words: `AIG 5 long, order X unresolved`. */
export function openRemainder(state: EngineState): string {
  const held = [...state.positions.values()]
    .filter(({ quantity }) => !quantity.isZero())
    .map(({ symbol, quantity, side }) => `${symbol} ${quantity.shortText()} ${side}`);
  const orders = [...state.liveOrders.values()].map(({ intent, stage }) => `order ${intent.clientOrderId} ${stage}`);
  return [...held.sort(), ...orders.sort()].join(', ');
}
