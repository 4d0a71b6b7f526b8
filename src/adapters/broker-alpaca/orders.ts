import type { TickerSymbol } from '../../events/names.js';
import { canonicalSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import { Decimal as Exact } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerOrderStatus, OpenOrder, OrderRequest, OrderSide } from '../../ports/order-entry.js';
import { Fields } from '../broker-common/fields.js';

/** An order of Alpaca as far as it is needed. */
export interface AlpacaOrder {
  readonly id: string;
  readonly clientId: string;
  readonly symbol: TickerSymbol;
  readonly side: OrderSide;
  readonly type: string;
  readonly status: string;
  readonly quantity: Decimal | null;
  readonly notional: Decimal | null;
  readonly limitPrice: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly filled: Decimal;
  /** Null while nothing has traded. */
  readonly averagePrice: Decimal | null;
  readonly placedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly replacedBy: string | null;
  readonly rejectReason: string;
  readonly legs: readonly AlpacaOrder[];
  readonly rawSha256: Sha256Hex;
}

const ENDED: Readonly<Record<string, BrokerOrderStatus>> = {
  filled: 'filled',
  canceled: 'cancelled',
  replaced: 'cancelled',
  expired: 'expired',
  rejected: 'rejected',
};
const ACCEPTED = ['pending_new', 'accepted', 'accepted_for_bidding'];

/** Whether an order is over; an unknown status is not: the broker is asked again. */
export function hasEnded({ status }: Pick<AlpacaOrder, 'status'>): boolean {
  return ENDED[status] !== undefined;
}

export function statusOf({ status }: Pick<AlpacaOrder, 'status'>): BrokerOrderStatus {
  return ENDED[status] ?? (ACCEPTED.includes(status) ? 'accepted' : 'working');
}

/** @throws DataError FIELD_UNREADABLE */
export function readOrder(value: unknown, rawSha256: Sha256Hex): AlpacaOrder {
  const fields = Fields.of(value, 'order');
  const placedAt = fields.timeOr('created_at', undefined) ?? fields.time('submitted_at');
  const end = ['canceled_at', 'expired_at', 'failed_at', 'replaced_at', 'filled_at', 'updated_at'];
  const endedAt = end.map((name) => fields.timeOr(name, undefined)).find((at) => at !== undefined) ?? placedAt;
  const legs = fields.raw('legs');
  return {
    id: fields.text('id'),
    clientId: fields.textOr('client_order_id', ''),
    symbol: canonicalSymbol(fields.textOr('symbol', '')),
    side: fields.text('side').startsWith('buy') ? 'buy' : 'sell',
    type: fields.textOr('type', fields.textOr('order_type', '')),
    status: fields.text('status'),
    quantity: fields.decimalOr('qty', null),
    notional: fields.decimalOr('notional', null),
    limitPrice: fields.decimalOr('limit_price', null),
    stopPrice: fields.decimalOr('stop_price', null),
    filled: fields.decimalOr('filled_qty', Exact.ZERO),
    averagePrice: fields.decimalOr('filled_avg_price', null),
    placedAt,
    endedAt,
    replacedBy: fields.textOr('replaced_by', null),
    rejectReason: fields.textOr('reject_reason', fields.textOr('reason', '')),
    legs: Array.isArray(legs) ? legs.map((leg: unknown) => readOrder(leg, rawSha256)) : [],
    rawSha256,
  };
}

/** Alpaca gives an order without an id a UUID; no bot gives one. */
const MADE_BY_BROKER = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether an id of an order was given by the broker itself. */
export function isMadeByBroker(clientId: string): boolean {
  return MADE_BY_BROKER.test(clientId);
}

/** The body of POST /v2/orders; every figure is a text. */
export function orderBody(order: OrderRequest): string {
  const { quantity, notional, limitPrice, stopPrice } = order;
  return JSON.stringify({
    symbol: order.symbol,
    ...(quantity === null ? {} : { qty: quantity.shortText() }),
    ...(notional === null ? {} : { notional: notional.shortText() }),
    side: order.side,
    type: order.orderType,
    time_in_force: order.timeInForce,
    ...(limitPrice === null ? {} : { limit_price: limitPrice.shortText() }),
    ...(stopPrice === null ? {} : { stop_price: stopPrice.shortText() }),
    client_order_id: order.clientOrderId,
    position_intent: intentOf(order),
  });
}

/** Alpaca refuses a sale to close above what is held, instead of making it a short position. */
function intentOf({ positionEffect, side }: OrderRequest): string {
  return `${side}_to_${positionEffect.startsWith('open') ? 'open' : 'close'}`;
}

/** Whether an order of the broker is what was asked for under its id. */
export function isSameOrder(order: AlpacaOrder, asked: OrderRequest): boolean {
  const same = (a: Decimal | null, b: Decimal | null): boolean => (a === null || b === null ? a === b : a.equals(b));
  return (
    order.symbol === asked.symbol &&
    order.side === asked.side &&
    order.type === asked.orderType &&
    // an order of dollars gets its shares when it trades
    (asked.quantity === null ? same(order.notional, asked.notional) : same(order.quantity, asked.quantity)) &&
    same(order.limitPrice, asked.limitPrice) &&
    same(order.stopPrice, asked.stopPrice)
  );
}

export function openStateOf({ status }: AlpacaOrder): OpenOrder['state'] {
  if (status === 'held') return 'held';
  return status === 'pending_cancel' ? 'cancel_pending' : 'working';
}
