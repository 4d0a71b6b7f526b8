import type { EventData } from '../../events/event.js';
import { parseStrategyName } from '../../events/names.js';
import type { FillData } from './posting/trade.js';

/** The owner of shares that no strategy traded. */
export const MANUAL = parseStrategyName('manual');

/** An execution of an order of others as the books take executions: it follows the open lots. */
export function fillOfForeign(data: EventData<'ForeignFillBooked'>): FillData {
  const { orderName, brokerOrderId, executionId, symbol, side, quantity, price, commission, fee, filledAt } = data;
  return {
    clientOrderId: orderName,
    strategy: MANUAL,
    positionId: orderName,
    positionEffect: side === 'buy' ? 'open_long' : 'close_long',
    currency: 'USD',
    rawSha256: data.rawSha256,
    ...{ brokerOrderId, executionId, symbol, side, quantity, price, commission, fee, filledAt },
  };
}
