import type { ClientOrderId } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import type { OpenOrder } from '../../src/ports/order-entry.js';

/** An open order of one share as a broker lists it. */
export function openOrder(clientOrderId: ClientOrderId | null, more: Partial<OpenOrder> = {}): OpenOrder {
  return {
    clientOrderId,
    brokerOrderId: `broker-${clientOrderId ?? 'by-hand'}`,
    symbol: 'SPY',
    side: 'buy',
    quantity: Decimal.ONE,
    filledQuantity: Decimal.ZERO,
    state: 'working',
    placedAt: null,
    ...more,
  };
}
