import { OrderAction, OrderType, TimeInForce, type Order } from '@stoqey/ib';
import { brokerError } from '../../kernel/errors.js';
import { isOption } from '../../domain/options/contract-name.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { OrderRequest } from '../../ports/order-entry.js';
import { unitsOfOne } from './symbols.js';

/** Decimals of a quantity that the broker takes. */
export const QUANTITY_DECIMALS = 4;

const TYPES: Readonly<Record<OrderRequest['orderType'], OrderType>> = {
  market: OrderType.MKT,
  limit: OrderType.LMT,
  stop: OrderType.STP,
};

/** The order of a request as the client library writes it. @throws BrokerError INVALID_ORDER (refuse) */
export function gatewayOrder(request: OrderRequest, account: string | undefined): Order {
  const { clientOrderId, quantity, notional, orderType, limitPrice, stopPrice } = request;
  if (quantity === null || notional !== null)
    throw invalid(request, 'it is an order of dollars; the broker takes shares');
  if (quantity.sign() <= 0) throw invalid(request, `its quantity ${quantity.shortText()} is not above zero`);
  const each = unitsOfOne(request.symbol);
  const contracts = quantity.divide(each, { scale: quantity.scale + 2, round: 'down' });
  if (isOption(request.symbol) && !contracts.rounded(0, 'down').equals(contracts))
    throw invalid(request, `its quantity ${quantity.shortText()} is not whole contracts of ${each.shortText()}`);
  if (!quantity.rounded(QUANTITY_DECIMALS, 'down').equals(quantity)) {
    throw invalid(request, `its quantity ${quantity.shortText()} has more than ${QUANTITY_DECIMALS} decimals`);
  }
  if (orderType === 'limit' ? limitPrice === null : limitPrice !== null)
    throw invalid(request, 'its limit price does not fit its type');
  if (orderType === 'stop' ? stopPrice === null : stopPrice !== null)
    throw invalid(request, 'its stop price does not fit its type');
  return {
    orderRef: clientOrderId,
    action: request.side === 'buy' ? OrderAction.BUY : OrderAction.SELL,
    orderType: TYPES[orderType],
    totalQuantity: exactNumber(request, contracts),
    tif: request.timeInForce === 'day' ? TimeInForce.DAY : TimeInForce.IOC,
    // an order without it is kept at the gateway and never sent
    transmit: true,
    ...(account === undefined ? {} : { account }),
    ...(limitPrice === null ? {} : { lmtPrice: exactNumber(request, limitPrice) }),
    ...(stopPrice === null ? {} : { auxPrice: exactNumber(request, stopPrice) }),
  };
}

/** A number for the client library, whose text on the wire is the exact one. */
function exactNumber(request: OrderRequest, value: Decimal): number {
  const number = Number(value.shortText());
  if (String(number) !== value.shortText()) throw invalid(request, `${value.shortText()} cannot be sent exactly`);
  return number;
}

/** Whether a request is the one that is known under its id. */
export function isSameOrder(a: OrderRequest, b: OrderRequest): boolean {
  const same = (one: Decimal | null, other: Decimal | null): boolean =>
    one === null || other === null ? one === other : one.equals(other);
  return (
    a.symbol === b.symbol &&
    a.side === b.side &&
    a.orderType === b.orderType &&
    a.timeInForce === b.timeInForce &&
    same(a.quantity, b.quantity) &&
    same(a.notional, b.notional) &&
    same(a.limitPrice, b.limitPrice) &&
    same(a.stopPrice, b.stopPrice)
  );
}

function invalid(request: OrderRequest, why: string): Error {
  return brokerError('refuse', {
    code: 'INVALID_ORDER',
    message: `order ${request.clientOrderId} cannot be sent to the gateway: ${why}`,
    remedy: 'Check the settings of sizes and prices, and whether the broker trades fractions.',
  });
}
