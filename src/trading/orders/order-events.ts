import { moneyText } from '../../kernel/money.js';
import { isRetained } from '../../domain/accounting/executions.js';
import type { Draft } from '../../events/draft.js';
import { STREAMS } from '../../events/streams.js';
import type { Order, OrderEvent } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { record, type RecordAction } from '../action.js';

/** Every order event carries the correlation of its trade and is caused by the last event of its order. */
export function orderDraft(state: EngineState, order: Order, event: OrderEvent): Draft {
  const position = state.positions.get(order.intent.positionId);
  return {
    type: event.type,
    data: dataOf(state, order, event),
    correlationId: position?.correlationId ?? order.intent.positionId,
    causationId: order.lastEventId,
  } as Draft;
}

/** A bust or correction of an execution that the books have forgotten says what the execution was. */
function dataOf(state: EngineState, order: Order, event: OrderEvent): OrderEvent['data'] {
  if (event.type !== 'OrderFillBusted' && event.type !== 'OrderFillCorrected') return event.data;
  const executionId = event.type === 'OrderFillBusted' ? event.data.executionId : event.data.correctsExecutionId;
  const { clientOrderId, symbol, strategy, positionId, side } = order.intent;
  const gone = order.executions.get(executionId);
  if (gone === undefined || isRetained(state.book.executions, { executionId, clientOrderId, symbol }))
    return event.data;
  const { brokerOrderId, quantity, price, commission, fee, filledAt, rawSha256 } = gone;
  const original = {
    ...{ brokerOrderId, strategy, positionId, side, filledAt, rawSha256 },
    quantity: quantity.shortText(),
    price: price.shortText(2),
    commission: moneyText(commission),
    fee: moneyText(fee),
  };
  return { ...event.data, original };
}

/** Records events of one order in its stream; undefined when there are none. */
export function recordOrderEvents(
  state: EngineState,
  order: Order,
  events: readonly OrderEvent[],
): RecordAction | undefined {
  if (events.length === 0) return undefined;
  const drafts = events.map((event) => orderDraft(state, order, event));
  return record(STREAMS.order(order.intent.clientOrderId), ...drafts);
}
