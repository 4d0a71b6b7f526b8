import { EXCHANGE_ZONE } from '../../../src/domain/calendar/nyse.js';
import { wallClockOf } from '../../../src/domain/calendar/clock-time.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { toUtcText, type EpochMs } from '../../../src/kernel/time.js';
import { averagePrice } from '../exchange/exchange.js';
import type { CashRow, EmulatedExecution, EmulatedOrder, ExchangeEvent, OrderState } from '../exchange/types.js';

/** Spelling of the trading interface, version 2, and of trade_updates, from its public description. */

export const uuid = (id: string, kind: string): string =>
  `${kind.padStart(8, '0')}-0000-4000-8000-${id.padStart(12, '0')}`;
export const idOf = (wireId: string): string => String(Number(wireId.slice(-12)));
const ORDER = '0a1b2c3d';
const EXECUTION = '0e0e0e0e';
export const wireOrderId = (id: string): string => uuid(id, ORDER);

/** Nanoseconds, as most times of Alpaca have. */
export function nanoseconds(at: EpochMs): string {
  return toUtcText(at).replace('Z', '456789Z');
}

/** The same instant with the offset of New York. */
export function withOffset(at: EpochMs): string {
  const { date, minutes } = wallClockOf(at, EXCHANGE_ZONE);
  const two = (n: number): string => String(n).padStart(2, '0');
  const local = Date.parse(`${date}T${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00.000Z`);
  const hours = Math.round((local - at) / 3_600_000);
  const rest = toUtcText(at).slice(17, 23);
  return `${date}T${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${rest}-${two(-hours)}:00`;
}

/** The start of the id of a record: a time of New York. */
export function recordId(at: EpochMs, id: string): string {
  return `${withOffset(at)
    .replace(/[-T:.]/g, '')
    .slice(0, 17)}::${uuid(id, '0ac7')}`;
}

const STATUS: Readonly<Record<OrderState, string>> = {
  pending: 'pending_new',
  held: 'held',
  open: 'new',
  partially_filled: 'partially_filled',
  cancel_pending: 'pending_cancel',
  filled: 'filled',
  cancelled: 'canceled',
  rejected: 'rejected',
  expired: 'expired',
  replaced: 'replaced',
};

const textOr = (value: Decimal | null): string | null => (value === null ? null : value.shortText());

/** Order number, or the id that the broker makes for an order by hand. */
export function clientIdOf({ ask, id }: EmulatedOrder): string {
  return ask.clientId === '' ? uuid(id, 'b10c') : ask.clientId;
}

/** The object Order. */
export function orderJson(
  order: EmulatedOrder,
  legs: readonly unknown[] | null = null,
): Readonly<Record<string, unknown>> {
  const { ask } = order;
  const status = STATUS[order.state];
  const ended = (wanted: string): string | null => (status === wanted ? nanoseconds(order.updatedAt) : null);
  return {
    id: wireOrderId(order.id),
    client_order_id: clientIdOf(order),
    created_at: nanoseconds(order.createdAt),
    updated_at: withOffset(order.updatedAt),
    submitted_at: withOffset(order.createdAt),
    filled_at: ended('filled'),
    expired_at: ended('expired'),
    canceled_at: ended('canceled'),
    failed_at: ended('rejected'),
    replaced_at: ended('replaced'),
    replaced_by: order.replacedBy === null ? null : wireOrderId(order.replacedBy),
    replaces: order.replaces === null ? null : wireOrderId(order.replaces),
    asset_id: uuid('1', 'a55e7'),
    symbol: ask.symbol,
    asset_class: 'us_equity',
    notional: textOr(ask.notional),
    qty: textOr(order.quantity),
    filled_qty: order.filled.shortText(),
    filled_avg_price: textOr(averagePrice(order)),
    order_class: ask.extra?.['order_class'] ?? '',
    order_type: ask.type,
    type: ask.type,
    side: ask.side,
    time_in_force: ask.timeInForce,
    limit_price: textOr(order.limitPrice),
    stop_price: textOr(order.stopPrice),
    status,
    extended_hours: ask.extra?.['extended_hours'] === 'true',
    legs,
    hwm: null,
  };
}

const EVENT: Readonly<Record<ExchangeEvent['kind'], string>> = {
  received: 'pending_new',
  open: 'new',
  fill: 'fill',
  partial_fill: 'partial_fill',
  cancel_pending: 'pending_cancel',
  cancelled: 'canceled',
  rejected: 'rejected',
  expired: 'expired',
  replaced: 'replaced',
  cancel_refused: 'order_cancel_rejected',
  bust: 'trade_bust',
  correct: 'trade_correct',
};

/** The data of a message of trade_updates. */
export function updateJson(event: ExchangeEvent): Readonly<Record<string, unknown>> {
  const { order, execution, position } = event;
  const head = { event: EVENT[event.kind], order: orderJson(order), timestamp: nanoseconds(event.at) };
  if (execution === undefined) return head;
  return {
    ...head,
    execution_id: uuid(execution.id, EXECUTION),
    ...(execution.corrects === null ? {} : { previous_execution_id: uuid(execution.corrects, EXECUTION) }),
    price: execution.price.shortText(),
    qty: execution.quantity.shortText(),
    position_qty: position.shortText(),
  };
}

/** A record of type FILL. */
export function fillRecord(execution: EmulatedExecution, order: EmulatedOrder): Readonly<Record<string, unknown>> {
  const left = order.quantity === null ? Decimal.ZERO : order.quantity.minus(execution.cumulative);
  return {
    id: recordId(execution.at, execution.id),
    activity_type: 'FILL',
    transaction_time: nanoseconds(execution.at),
    type: left.isZero() ? 'fill' : 'partial_fill',
    price: execution.price.shortText(),
    qty: execution.quantity.shortText(),
    side: execution.side,
    symbol: execution.symbol,
    leaves_qty: left.shortText(),
    order_id: wireOrderId(order.id),
    cum_qty: execution.cumulative.shortText(),
    order_status: left.isZero() ? 'filled' : 'partially_filled',
  };
}

const ROW: Readonly<Record<CashRow['kind'], string>> = {
  deposit: 'CSD',
  withdrawal: 'CSW',
  dividend: 'DIV',
  interest: 'INT',
  fee: 'FEE',
  journal: 'JNLC',
  split: 'SPLIT',
  name_change: 'NC',
};

/** A record that is no trade. */
export function rowRecord(row: CashRow): Readonly<Record<string, unknown>> {
  return {
    id: recordId(row.at, row.id),
    activity_type: ROW[row.kind],
    ...(row.kind === 'fee' ? { activity_sub_type: 'TAF' } : {}),
    date: withOffset(row.at).slice(0, 10),
    created_at: nanoseconds(row.at),
    net_amount: row.amount.shortText(),
    description: row.description,
    currency: 'USD',
    status: row.state,
    ...(row.symbol === null ? {} : { symbol: row.symbol }),
    ...(row.quantity === null ? {} : { qty: row.quantity.shortText() }),
  };
}
