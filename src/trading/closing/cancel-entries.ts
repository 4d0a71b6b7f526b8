import { decideOrder } from '../../domain/orders/decide-order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Action } from '../action.js';
import { recordOrderEvents } from '../orders/order-events.js';

/** Requests the cancel of the first live entry; undefined when a cancel of each is done or requested. */
export function cancelEntries(state: EngineState, reason: string): Action | undefined {
  for (const order of state.liveOrders.values()) {
    if (order.intent.purpose === 'exit') continue;
    const cancel = recordOrderEvents(
      state,
      order,
      decideOrder(order, { kind: 'requestCancel', reason, exitReason: null }),
    );
    if (cancel !== undefined) return cancel;
  }
  return undefined;
}
