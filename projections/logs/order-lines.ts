import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { conversionNote } from '../../src/domain/accounting/posting/notes.js';
import type { OrderEventType } from '../../src/domain/orders/order.js';
import type { Emit, Handlers } from '../kit/projection.js';
import { own } from '../kit/records.js';
import {
  logRecord,
  orderFields,
  positionFields,
  sideOf,
  signalFields,
  type LogFields,
  type LogState,
} from './log-record.js';
import type { LogEntry } from './logs.js';
import { strategyLine } from './strategy-lines.js';

type OrderEvent = RecordedEvent<OrderEventType | 'OrderReloaded'>;

/** A line about an order, in the log of its strategy. */
function logOrder(
  state: LogState,
  event: OrderEvent,
  emit: Emit<LogEntry>,
  message: string,
  fields: LogFields = {},
): LogState {
  const order = orderFields(state, event.data.clientOrderId);
  if (order.strategy_name !== '')
    emit(strategyLine(state)(event, order.strategy_name, message, { ...order, ...fields }));
  return state;
}

/** A line in the strategy's log and in unresolved_orders.log. */
function logUnresolved(
  state: LogState,
  event: RecordedEvent<'OrderUnresolved' | 'OrderResolved'>,
  emit: Emit<LogEntry>,
  message: string,
  errorCode: string | null,
): LogState {
  const { strategy, symbol, clientOrderId } = event.data;
  const fields = {
    ...orderFields(state, clientOrderId),
    strategy_name: strategy,
    ticker: symbol,
    error_code: errorCode,
  };
  for (const log of [strategy, 'unresolved_orders'])
    emit({ log, record: logRecord(event, message, state.broker, fields) });
  return state;
}

const orderText = (data: EventData<'OrderIntended'>): string => {
  const size = data.quantity ?? `${data.notional ?? '0'} dollars`;
  const limit = data.limitPrice === null ? '' : ` limit ${data.limitPrice}`;
  const stop = data.stopPrice === null ? '' : ` stop ${data.stopPrice}`;
  return `${data.side} ${size} ${data.symbol} ${data.orderType}${limit}${stop}`;
};

function fillFields(fill: EventData<'OrderFilled'> | EventData<'OrderFillCorrected'>): LogFields {
  const { quantity, price, filledAt, commission, fee, executionId } = fill;
  const opens = fill.positionEffect === 'open_long' || fill.positionEffect === 'open_short';
  const place = opens
    ? { entry_timestamp: filledAt, entry_price: price }
    : { exit_timestamp: filledAt, exit_price: price };
  return { ...place, size: quantity, figures: { executionId, quantity, price, commission, fee } };
}

const charges = (fill: EventData<'OrderFilled'>): string => `commission ${fill.commission}, fee ${fill.fee}`;

function noteOrder(state: LogState, data: EventData<'OrderIntended'>): void {
  state.orders[data.clientOrderId] = {
    strategy: data.strategy,
    symbol: data.symbol,
    side: sideOf(data.positionEffect),
    signalId: data.signalId,
    positionId: data.positionId,
    size: data.quantity,
    exitReason: data.exitReason,
  };
}

export const orderHandlers: Handlers<'orders', LogState, LogEntry> = {
  OrderIntended: (state, event, emit) => {
    const { data } = event;
    noteOrder(state, data);
    const why = data.exitReason === null ? '' : `, exit reason ${data.exitReason}`;
    const figures = { referencePrice: data.referencePrice, positionEffect: data.positionEffect };
    return logOrder(
      state,
      event,
      emit,
      `${data.purpose} order: ${orderText(data)}, reference price ${data.referencePrice}${why}`,
      {
        figures,
      },
    );
  },
  OrderReloaded: (state, event, emit) => {
    const { intent, sessionDate } = event.data;
    noteOrder(state, intent);
    const of = sessionDate === null ? '' : ` of ${sessionDate}`;
    return logOrder(state, event, emit, `the broker reports on the completed order${of}: ${orderText(intent)}`);
  },
  OrderSubmitted: (state, event, emit) =>
    logOrder(state, event, emit, `submitted to the broker, attempt ${event.data.attempt}`),
  OrderAcknowledged: (state, event, emit) =>
    logOrder(state, event, emit, `acknowledged by the broker as ${event.data.brokerOrderId}`),
  OrderRejected: (state, event, emit) => {
    const { code, message } = event.data;
    return logOrder(state, event, emit, `rejected by the broker: ${code}, ${message}`, { error_code: code });
  },
  OrderFilled: (state, event, emit) => {
    const { side, quantity, symbol, price } = event.data;
    const verb = side === 'buy' ? 'bought' : 'sold';
    return logOrder(
      state,
      event,
      emit,
      `${verb} ${quantity} ${symbol} at ${price}, ${charges(event.data)}`,
      fillFields(event.data),
    );
  },
  OrderFillBusted: (state, event, emit) => {
    const { executionId, symbol, reason } = event.data;
    return logOrder(state, event, emit, `broker busted execution ${executionId} of ${symbol}: ${reason}`, {
      figures: { executionId },
    });
  },
  OrderFillCorrected: (state, event, emit) => {
    const { correctsExecutionId, quantity, price } = event.data;
    const message = `broker corrected execution ${correctsExecutionId} to ${quantity} at ${price}`;
    return logOrder(state, event, emit, message, fillFields(event.data));
  },
  OrderCancelRequested: (state, event, emit) => logOrder(state, event, emit, `cancel requested: ${event.data.reason}`),
  OrderCancelled: (state, event, emit) => {
    const { filledQuantity, reason } = event.data;
    return logOrder(state, event, emit, `cancelled with ${filledQuantity} filled: ${reason}`);
  },
  OrderExpired: (state, event, emit) =>
    logOrder(state, event, emit, `expired with ${event.data.filledQuantity} filled`),
  OrderUnresolved: (state, event, emit) => {
    const { code, message, clientOrderId } = event.data;
    return logUnresolved(state, event, emit, `order ${clientOrderId}: status unknown: ${code}, ${message}`, code);
  },
  OrderResolved: (state, event, emit) => {
    const { outcome, message, clientOrderId } = event.data;
    const result = outcome === 'found' ? 'found at the broker' : 'never reached the broker';
    return logUnresolved(state, event, emit, `order ${clientOrderId} ${result}: ${message}`, null);
  },
  TrailingStopMoved: (state, event, emit) => {
    const { strategy, positionId, symbol, stop, previousStop, extreme, basis } = event.data;
    const from = previousStop === null ? 'set' : `moved from ${previousStop}`;
    const fields = { ...positionFields(state, positionId), ticker: symbol, figures: { stop, extreme, basis } };
    emit(
      strategyLine(state)(
        event,
        strategy,
        `${symbol} stop ${from} to ${stop} (best price ${extreme}, by ${basis})`,
        fields,
      ),
    );
    return state;
  },
};

export const positionHandlers: Pick<Handlers<'positions', LogState, LogEntry>, 'PositionOpened' | 'PositionClosed'> = {
  PositionOpened: (state, event, emit) => {
    const { positionId, strategy, symbol, side, quantity, price, clientOrderId, signalId } = event.data;
    const signalAt = own(state.signals, signalId)?.at ?? null;
    state.held[positionId] = strategy;
    state.positions[positionId] = { side, signalAt, entryAt: event.occurredAt, entryPrice: price, size: quantity };
    const fields = { ...signalFields(state, signalId), ...positionFields(state, positionId) };
    const line = { ...fields, ticker: symbol, client_order_id: clientOrderId };
    emit(strategyLine(state)(event, strategy, `opened ${side} ${symbol}: ${quantity} at ${price}`, line));
    return state;
  },
  PositionClosed: (state, event, emit) => {
    const { data } = event;
    Reflect.deleteProperty(state.held, data.positionId);
    const result = `gross ${data.grossPnl}, fees ${data.fees}, net ${data.netPnl}, slippage ${data.slippage}`;
    const fields: LogFields = {
      signal_trigger_time: data.signalAt,
      entry_timestamp: data.entryAt,
      exit_timestamp: data.exitAt,
      trade_side: data.side,
      ticker: data.symbol,
      size: data.quantity,
      entry_price: data.entryPrice,
      exit_price: data.exitPrice,
      PnL: data.netPnl,
      exit_reason: data.exitReason,
      position_id: data.positionId,
      figures: { grossPnl: data.grossPnl, fees: data.fees, netPnl: data.netPnl, slippage: data.slippage },
    };
    const message = `closed ${data.side} ${data.symbol} at ${data.exitPrice} (${data.exitReason}): ${result}`;
    emit(strategyLine(state)(event, data.strategy, message, fields));
    return state;
  },
};

/** A split or a change of symbol is a line of each strategy that holds shares through it. */
export const conversionHandlers: Pick<Handlers<'accounting', LogState, LogEntry>, 'SharesConverted'> = {
  SharesConverted: (state, event, emit) => {
    const { data } = event;
    for (const { positionId, sharesBefore, sharesAfter, stopAfter } of data.positions) {
      const strategy = own(state.held, positionId);
      if (strategy === undefined) continue;
      const stop = stopAfter === null ? '' : `; its stop is ${stopAfter}`;
      const figures = { sharesBefore, sharesAfter, ...(stopAfter === null ? {} : { stop: stopAfter }) };
      const fields = { ...positionFields(state, positionId), ticker: data.newSymbol, size: sharesAfter, figures };
      const words = conversionNote({ ...data, sharesBefore, sharesAfter });
      emit(strategyLine(state)(event, strategy, `${CONVERSION_WORDS[data.kind]}: ${words}${stop}`, fields));
    }
    return state;
  },
};

const CONVERSION_WORDS = { split: 'split', symbol_change: 'symbol changed' } as const;
