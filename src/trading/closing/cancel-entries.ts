import { decideOrder } from '../../domain/orders/decide-order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { RecordAction } from '../action.js';
import { recordOrderEvents } from '../orders/order-events.js';

/** Requests the cancel of every live entry; none when a cancel of each is done or requested. */
export function cancelEntries(state: EngineState, reason: string): readonly RecordAction[] {
  return [...state.liveOrders.values()]
    .filter(({ intent }) => intent.purpose !== 'exit')
    .flatMap((order) => {
      const events = decideOrder(order, { kind: 'requestCancel', reason, exitReason: null });
      return recordOrderEvents(state, order, events) ?? [];
    });
}
