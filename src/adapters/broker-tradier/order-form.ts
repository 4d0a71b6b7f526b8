import type { OrderRequest, PositionEffect } from '../../ports/order-entry.js';
import { brokerError } from '../../kernel/errors.js';
import { wireSymbol } from './symbols.js';
import { tagOf } from './tag.js';

/** The side in the words of the broker: it says whether a position opens or closes. */
const SIDES: Readonly<Record<PositionEffect, string>> = {
  open_long: 'buy',
  close_long: 'sell',
  open_short: 'sell_short',
  close_short: 'buy_to_cover',
};

/**
 * Sides whose open orders must have ended before a position opens: the broker refuses orders that cross zero, or stand against each
 * other. A closing order waits for nothing.
 */
const AGAINST: Readonly<Record<PositionEffect, readonly string[]>> = {
  open_long: ['sell_short', 'buy_to_cover'],
  close_long: [],
  open_short: ['buy', 'sell'],
  close_short: [],
};

/** Sides of open orders in its symbol that an order has to wait for. */
export function sidesAgainst({ positionEffect }: OrderRequest): readonly string[] {
  return AGAINST[positionEffect];
}

/** Whether an order reduces a position: it may use the calls that are kept for closing. */
export function isClosing({ positionEffect }: Pick<OrderRequest, 'positionEffect'>): boolean {
  return positionEffect === 'close_long' || positionEffect === 'close_short';
}

/** The form of an order. @throws BrokerError INVALID_ORDER (refuse): what the broker cannot take is not sent */
export function formOf(order: OrderRequest): Readonly<Record<string, string>> {
  const { quantity, notional, orderType, limitPrice, stopPrice, timeInForce } = order;
  if (quantity === null || notional !== null) throw invalid(order, 'an order of dollars');
  const whole = quantity.rounded(0, 'down');
  if (!whole.equals(quantity) || whole.sign() <= 0) throw invalid(order, `${quantity.shortText()} shares`);
  if (timeInForce !== 'day') throw invalid(order, `the duration ${timeInForce}`);
  if ((orderType === 'limit') !== (limitPrice !== null)) throw invalid(order, `a ${orderType} order with these prices`);
  if ((orderType === 'stop') !== (stopPrice !== null)) throw invalid(order, `a ${orderType} order with these prices`);
  if ((order.side === 'buy') !== SIDES[order.positionEffect].startsWith('buy'))
    throw invalid(order, `${order.side} to ${order.positionEffect}`);
  return {
    class: 'equity',
    symbol: wireSymbol(order.symbol),
    side: SIDES[order.positionEffect],
    quantity: whole.text(),
    type: orderType,
    duration: timeInForce,
    ...(limitPrice === null ? {} : { price: limitPrice.shortText(2) }),
    ...(stopPrice === null ? {} : { stop: stopPrice.shortText(2) }),
    tag: tagOf(order.clientOrderId),
  };
}

/** Whether two requests under one id are the same order. */
export function isSameOrder(a: OrderRequest, b: OrderRequest): boolean {
  return JSON.stringify(formOf(a)) === JSON.stringify(formOf(b));
}

function invalid({ clientOrderId }: OrderRequest, what: string): Error {
  return brokerError('refuse', {
    code: 'INVALID_ORDER',
    message: `TRADIER does not take order ${clientOrderId}: ${what}`,
    remedy: 'It takes whole shares for the day, at the market, at a limit or at a stop. Nothing was sent.',
  });
}
