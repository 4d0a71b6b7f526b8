import { canonicalJson } from '../../kernel/canonical-json.js';
import type { Decimal } from '../../kernel/decimal.js';
import { brokerError } from '../../kernel/errors.js';
import type { OrderRequest } from '../../ports/order-entry.js';
import { plain } from './order.js';

/** Checks the form of an order, without the exchange. @throws BrokerError INVALID_ORDER (refuse) */
export function checkShape(order: OrderRequest): void {
  const fault = shapeFault(order);
  if (fault === undefined) return;
  throw brokerError('refuse', {
    code: 'INVALID_ORDER',
    message: `order ${order.clientOrderId} is not well formed: ${fault}`,
    remedy: 'Correct the order; nothing was sent.',
  });
}

function shapeFault(order: OrderRequest): string | undefined {
  const { quantity, notional, orderType, limitPrice, stopPrice } = order;
  const positive = (value: Decimal | null): boolean => value === null || value.sign() > 0;
  if ((quantity === null) === (notional === null)) return 'exactly one of quantity and notional is given';
  if (![quantity, notional, limitPrice, stopPrice].every(positive)) return 'every amount is above zero';
  if (notional !== null && orderType !== 'market') return 'a notional order is a market order';
  if ((orderType === 'limit') !== (limitPrice !== null))
    return 'a limit price belongs to a limit order, and to no other';
  if ((orderType === 'stop') !== (stopPrice !== null)) return 'a stop price belongs to a stop order, and to no other';
  return undefined;
}

export function sameOrder(a: OrderRequest, b: OrderRequest): boolean {
  return canonicalJson(plain(a)) === canonicalJson(plain(b));
}
