import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import type { Order, OrderEvent } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { record, type Action } from '../action.js';

/** Every order event carries the correlation of its trade and is caused by the last event of its order. */
export function orderDraft(state: EngineState, order: Order, event: OrderEvent): Draft {
  const position = state.positions.get(order.intent.positionId);
  return {
    type: event.type,
    data: event.data,
    correlationId: position?.correlationId ?? order.intent.positionId,
    causationId: order.lastEventId,
  } as Draft;
}

/** Records events of one order in its stream; undefined when there are none. */
export function recordOrderEvents(state: EngineState, order: Order, events: readonly OrderEvent[]): Action | undefined {
  if (events.length === 0) return undefined;
  const drafts = events.map((event) => orderDraft(state, order, event));
  return record(STREAMS.order(order.intent.clientOrderId), ...drafts);
}
