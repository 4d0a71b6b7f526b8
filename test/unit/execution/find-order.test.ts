import { describe, expect, test } from '@jest/globals';
import { findOrder } from '../../../src/app/execution/find-order.js';
import type { Order } from '../../../src/domain/orders/order.js';
import { parseClientOrderId } from '../../../src/events/names.js';
import type { BrokerOrder, ClosedPosition } from '../../../src/ports/order-entry.js';

const id = parseClientOrderId('DEMO_US_ALPACA_B01-20261130-1');
const exit = {
  clientOrderId: id,
  symbol: 'AIG',
  side: 'sell',
  quantity: '16',
  exitReason: 'kill',
  orderType: 'market',
};
const orderOf = (over: object): Order =>
  ({ intent: { ...exit, ...over }, intendedAt: '2026-11-30T15:00:00.000Z' }) as unknown as Order;

/** What the broker was asked for, beyond the id of the order. */
async function askedFor(order: Order | undefined, known?: BrokerOrder): Promise<readonly string[]> {
  const asked: string[] = [];
  const broker = {
    orderByClientId: () => Promise.resolve(known),
    closingOrder: ({ symbol, side, quantity, since }: ClosedPosition) => {
      asked.push(`${side} ${quantity.shortText()} ${symbol} since ${new Date(since).toISOString()}`);
      return Promise.resolve(undefined);
    },
  };
  await findOrder(broker, id, order);
  return asked;
}

describe('an order at the broker', () => {
  test('an exit of a kill may be an order of the broker that closed its position with others', async () => {
    expect(await askedFor(orderOf({}))).toEqual(['sell 16 AIG since 2026-11-30T15:00:00.000Z']);
  });

  test.each<[string, Order | undefined, BrokerOrder | undefined]>([
    ['an order that the broker knows', orderOf({}), {} as BrokerOrder],
    ['an order that the journal lacks', undefined, undefined],
    ['an exit for another reason', orderOf({ exitReason: 'stop_loss' }), undefined],
    ['a stop that rests', orderOf({ orderType: 'stop' }), undefined],
  ])('%s is found by its id only', async (_what, order, known) => {
    expect(await askedFor(order, known)).toEqual([]);
  });
});
