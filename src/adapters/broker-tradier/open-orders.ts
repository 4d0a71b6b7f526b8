import { Decimal } from '../../kernel/decimal.js';
import type { OpenOrder } from '../../ports/order-entry.js';
import { figureOf, textOf } from './shapes.js';
import { symbolOf } from './symbols.js';
import { isFinal, type TradierOrder } from './wire-order.js';

/** The open orders of a list; each leg of an order of several legs is shown by itself, under the id of the order. */
export function openOrdersOf(
  orders: readonly TradierOrder[],
  isCancelling: (brokerOrderId: string) => boolean,
): readonly OpenOrder[] {
  return orders.filter((order) => !isFinal(order)).flatMap((order) => openOrder(order, isCancelling(order.id)));
}

function openOrder(order: TradierOrder, isCancelling: boolean): readonly OpenOrder[] {
  const base = {
    clientOrderId: order.clientOrderId,
    brokerOrderId: order.id,
    state: isCancelling ? 'cancel_pending' : order.status === 'held' ? 'held' : 'working',
    placedAt: order.createdAt ?? null,
  } as const;
  if (order.legs.length === 0) {
    return [
      {
        ...base,
        symbol: symbolOf(order.symbol),
        side: sideIn(order.side),
        quantity: order.quantity,
        filledQuantity: order.executed,
      },
    ];
  }
  return order.legs.map((leg) => ({
    ...base,
    symbol: textOf(leg, 'option_symbol') ?? textOf(leg, 'symbol') ?? order.symbol,
    side: sideIn(textOf(leg, 'side') ?? order.side),
    quantity: figureOf(leg, 'quantity') ?? order.quantity,
    filledQuantity: figureOf(leg, 'exec_quantity') ?? Decimal.ZERO,
  }));
}

function sideIn(side: string): 'buy' | 'sell' {
  return side.startsWith('buy') ? 'buy' : 'sell';
}
