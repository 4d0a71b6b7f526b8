import type { EventData, RecordedEvent } from '../../src/events/event.js';
import type { Figures } from '../../src/events/names.js';
import { own } from '../kit/records.js';

/** What later lines of a session need from earlier events; all but what is held is reset at each session. */
export interface LogState {
  readonly broker: string | null;
  readonly signals: Record<string, { readonly at: string; readonly side: 'long' | 'short' }>;
  readonly orders: Record<string, OrderNote>;
  readonly positions: Record<string, PositionNote>;
  /** The strategy of each open position, over sessions. */
  readonly held: Record<string, string>;
}

export interface OrderNote {
  readonly strategy: string;
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly signalId: string | null;
  readonly positionId: string;
  readonly size: string | null;
  readonly exitReason: string | null;
}

export interface PositionNote {
  readonly side: 'long' | 'short';
  readonly signalAt: string | null;
  readonly entryAt: string;
  readonly entryPrice: string;
  readonly size: string;
}

export const FRESH: LogState = { broker: null, signals: {}, orders: {}, positions: {}, held: {} };

/** The columns of every log: fields named as in OUT-3, times in UTC, money and quantities as exact text. */
export const LOG_COLUMNS = [
  'timestamp',
  'event',
  'message',
  'strategy_name',
  'signal_trigger_time',
  'entry_timestamp',
  'exit_timestamp',
  'trade_side',
  'ticker',
  'size',
  'entry_price',
  'exit_price',
  'PnL',
  'broker',
  'exit_reason',
  'error_code',
  'client_order_id',
  'signal_id',
  'position_id',
  'figures',
  'journal_position',
] as const;

/** Columns of error_tracebacks.log, which also describes the failure (RUN-40, RUN-41). */
export const ERROR_COLUMNS = [...LOG_COLUMNS, 'error_type', 'exception_repr', 'context', 'traceback'] as const;

export type LogFields = Partial<Record<(typeof LOG_COLUMNS)[number], string | Figures | null>>;
type LogRecord = Readonly<Record<(typeof LOG_COLUMNS)[number], string | Figures | null>>;

/** A complete record: missing fields are null, missing figures are empty. */
export function logRecord(event: RecordedEvent, message: string, broker: string | null, fields: LogFields): LogRecord {
  return {
    timestamp: event.occurredAt,
    event: event.type,
    message,
    strategy_name: fields.strategy_name ?? null,
    signal_trigger_time: fields.signal_trigger_time ?? null,
    entry_timestamp: fields.entry_timestamp ?? null,
    exit_timestamp: fields.exit_timestamp ?? null,
    trade_side: fields.trade_side ?? null,
    ticker: fields.ticker ?? null,
    size: fields.size ?? null,
    entry_price: fields.entry_price ?? null,
    exit_price: fields.exit_price ?? null,
    PnL: fields.PnL ?? null,
    broker,
    exit_reason: fields.exit_reason ?? null,
    error_code: fields.error_code ?? null,
    client_order_id: fields.client_order_id ?? null,
    signal_id: fields.signal_id ?? null,
    position_id: fields.position_id ?? null,
    figures: fields.figures ?? {},
    journal_position: event.position,
  };
}

/** OUT-3 fields of an order, with those of its signal and position as far as they are known. */
export function orderFields(state: LogState, clientOrderId: string): LogFields & { readonly strategy_name: string } {
  const order = own(state.orders, clientOrderId);
  if (order === undefined) return { strategy_name: '', client_order_id: clientOrderId };
  return {
    ...positionFields(state, order.positionId),
    ...signalFields(state, order.signalId),
    strategy_name: order.strategy,
    ticker: order.symbol,
    trade_side: order.side,
    size: order.size,
    exit_reason: order.exitReason,
    client_order_id: clientOrderId,
  };
}

export function signalFields(state: LogState, signalId: string | null): LogFields {
  const signal = own(state.signals, signalId);
  if (signalId === null || signal === undefined) return signalId === null ? {} : { signal_id: signalId };
  return { signal_id: signalId, signal_trigger_time: signal.at, trade_side: signal.side };
}

export function positionFields(state: LogState, positionId: string): LogFields {
  const position = own(state.positions, positionId);
  if (position === undefined) return { position_id: positionId };
  return {
    position_id: positionId,
    signal_trigger_time: position.signalAt,
    entry_timestamp: position.entryAt,
    entry_price: position.entryPrice,
    trade_side: position.side,
    size: position.size,
  };
}

export function sideOf(effect: EventData<'OrderFilled'>['positionEffect']): 'long' | 'short' {
  return effect === 'open_long' || effect === 'close_long' ? 'long' : 'short';
}
