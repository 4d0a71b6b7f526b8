import { plusMs, type EpochMs } from '../../kernel/time.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import type { Order, OrderEvent } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { record, type Action, type Draft, type EngineContext, type Rule } from './action.js';
import { STREAMS } from './streams.js';

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

export function recordOrderEvents(state: EngineState, order: Order, events: readonly OrderEvent[]): Action | undefined {
  if (events.length === 0) return undefined;
  const drafts = events.map((event) => orderDraft(state, order, event));
  return record(STREAMS.order(order.intent.clientOrderId), ...drafts);
}

/**
 * Sends what is intended, asks after what is unknown, follows up what is silent, and hands over cancels. Nothing is sent
 * while the broker is suspended (F4), and nothing that this process did not intend itself is sent before the broker was
 * asked for it (F6, F7).
 */
export const orderRules: Rule = (state, context, now) => {
  if (state.liveOrders.size === 0 || state.session?.suspendedSince !== undefined) return undefined;
  for (const order of state.liveOrders.values()) {
    const action = nextForOrder(state, context, order, now);
    if (action !== undefined) return action;
  }
  return undefined;
};

function nextForOrder(state: EngineState, context: EngineContext, order: Order, now: EpochMs): Action | undefined {
  const { memory } = context;
  const clientOrderId = order.intent.clientOrderId;
  const timeoutMs = context.settings.API_TIMEOUT * 1_000;
  const lastAsked = memory.askedAt.get(clientOrderId);
  const mayAsk = lastAsked === undefined || now >= plusMs(lastAsked, timeoutMs);
  if (order.stage === 'intended') {
    if (!memory.unsent.has(clientOrderId)) return mayAsk ? { act: 'query', clientOrderId } : undefined;
    if (state.killTripped !== undefined && order.intent.purpose === 'entry') {
      return withdrawn(state, order, 'KILL_SWITCH', 'never sent: the kill switch tripped');
    }
    const failed = memory.failedSends.get(clientOrderId);
    if (failed === undefined) return { act: 'submit', clientOrderId };
    if (failed.count > context.settings.API_RETRY_LIMIT) {
      return withdrawn(state, order, 'BROKER_UNREACHABLE', `never sent: ${failed.count} attempts failed`);
    }
    return now >= failed.notBefore ? { act: 'submit', clientOrderId } : undefined;
  }
  if (order.stage === 'unresolved') return mayAsk ? { act: 'query', clientOrderId } : undefined;
  if (order.cancelRequested && !memory.cancelSent.has(clientOrderId)) return { act: 'cancel', clientOrderId };
  const newsAt = state.newsAt.get(clientOrderId);
  const silent = newsAt !== undefined && now >= plusMs(newsAt, timeoutMs);
  if (silent && order.stage === 'submitted' && lastAsked !== undefined && lastAsked >= newsAt) {
    return recordOrderEvents(
      state,
      order,
      decideOrder(order, { kind: 'noAnswer', code: 'NO_ANSWER', message: `silent for ${timeoutMs} ms` }),
    );
  }
  // a fill whose message never came shows only when asked for (F3)
  return silent && mayAsk ? { act: 'query', clientOrderId } : undefined;
}

function withdrawn(state: EngineState, order: Order, code: string, message: string): Action | undefined {
  return recordOrderEvents(state, order, decideOrder(order, { kind: 'rejected', code, message }));
}
