import { Decimal } from '../../kernel/decimal.js';
import type { EventData } from '../../events/event.js';
import type { OrderRequest } from '../../ports/order-entry.js';

function decimalOrNull(text: string | null): Decimal | null {
  return text === null ? null : Decimal.parse(text);
}

/** The broker request of a durable intent: nothing is added. */
export function brokerRequest(intent: EventData<'OrderIntended'>): OrderRequest {
  return {
    clientOrderId: intent.clientOrderId,
    symbol: intent.symbol,
    side: intent.side,
    positionEffect: intent.positionEffect,
    quantity: decimalOrNull(intent.quantity),
    notional: decimalOrNull(intent.notional),
    orderType: intent.orderType,
    limitPrice: decimalOrNull(intent.limitPrice),
    stopPrice: decimalOrNull(intent.stopPrice),
    timeInForce: intent.timeInForce,
  };
}
