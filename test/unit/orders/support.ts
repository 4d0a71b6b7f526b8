import { decideOrder, type FillReport, type OrderCommand } from '../../../src/domain/orders/decide-order.js';
import { reduceOrder, type Order, type OrderEvent } from '../../../src/domain/orders/order.js';
import type { EventData } from '../../../src/events/event.js';
import { parseClientOrderId, parseStrategyName, parseSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { parseUtcText } from '../../../src/kernel/time.js';

export const ID = parseClientOrderId('B01-20260106-1');
const SYMBOL = parseSymbol('SPY');

/** Ten shares, to be bought at the market. */
export const INTENT: EventData<'OrderIntended'> = {
  clientOrderId: ID,
  strategy: parseStrategyName('open'),
  symbol: SYMBOL,
  side: 'buy',
  positionEffect: 'open_long',
  purpose: 'entry',
  quantity: '10' as EventData<'OrderIntended'>['quantity'],
  notional: null,
  orderType: 'market',
  limitPrice: null,
  stopPrice: null,
  timeInForce: 'day',
  referencePrice: Decimal.parse('100.00').shortText(2),
  signalId: 'signal',
  positionId: 'position',
  poolRank: 1,
  exitReason: null,
};

export function report(executionId: string, quantity: number, price = '100.00'): FillReport {
  return {
    executionId,
    brokerOrderId: 'BO-1',
    symbol: SYMBOL,
    quantity: Decimal.of(quantity),
    price: Decimal.parse(price),
    commission: Decimal.parse('0.35'),
    fee: Decimal.ZERO,
    filledAt: parseUtcText('2026-01-06T15:00:00.000Z'),
    rawSha256: sha256Hex(executionId),
  };
}

export const COMMANDS = {
  handedOver: { kind: 'handedOver' },
  noAnswer: { kind: 'noAnswer', code: 'TIMEOUT', message: 'no answer' },
  brokerKnows: { kind: 'brokerKnows', message: 'working at the broker' },
  brokerDoesNotKnow: { kind: 'brokerDoesNotKnow' },
  requestCancel: { kind: 'requestCancel', reason: 'enough', exitReason: null },
  acknowledged: { kind: 'acknowledged', brokerOrderId: 'BO-1' },
  rejected: { kind: 'rejected', code: 'NO', message: 'refused' },
  fillOf4: { kind: 'filled', ...report('E1', 4) },
  otherFillOf6: { kind: 'filled', ...report('E2', 6) },
  correctionOfE1: { kind: 'corrected', correctsExecutionId: 'E1', ...report('E1-c1', 4, '99.00') },
  bustOfE1: { kind: 'busted', executionId: 'E1', reason: 'erroneous' },
  cancelledWith0: { kind: 'cancelled', filledQuantity: Decimal.ZERO, reason: 'on request' },
  cancelledWith4: { kind: 'cancelled', filledQuantity: Decimal.of(4), reason: 'on request' },
  expiredWith0: { kind: 'expired', filledQuantity: Decimal.ZERO },
  expiredWith4: { kind: 'expired', filledQuantity: Decimal.of(4) },
} as const satisfies Readonly<Record<string, OrderCommand>>;
export type CommandName = keyof typeof COMMANDS;

export function intended(): Order {
  return reduceOrder(undefined, { type: 'OrderIntended', data: INTENT }, null);
}

export function applied(order: Order, events: readonly OrderEvent[]): Order {
  return events.reduce((state, event) => reduceOrder(state, event, null), order);
}

/** An order after these commands in sequence. */
export function orderAfter(...commands: readonly CommandName[]): Order {
  return commands.reduce((order, name) => applied(order, decideOrder(order, COMMANDS[name])), intended());
}
