import { describe, expect, test } from '@jest/globals';
import { decideOrder } from '../../../src/domain/orders/decide-order.js';
import type { Order } from '../../../src/domain/orders/order.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { contradiction } from '../../../src/trading/orders/refused-facts.js';
import { applied, intended, report } from './support.js';

/** What a process that last saw `from` shares reports when the order has traded `to` shares in all. */
interface Seen {
  readonly from: number;
  readonly to: number;
  readonly price: string;
  readonly average: string;
  readonly brokerOrderId?: string;
}

function growth({ from, to, price, average, brokerOrderId = 'BO-1' }: Seen): Parameters<typeof decideOrder>[1] {
  const soFar = { quantity: Decimal.of(to), averagePrice: Decimal.parse(average) };
  return { kind: 'filled', ...report(`${brokerOrderId}-${to}`, to - from, price), brokerOrderId, soFar };
}

function after(...seen: readonly Seen[]): Order {
  return seen.reduce((order, each) => applied(order, decideOrder(order, growth(each))), intended());
}

function booked(order: Order): readonly string[] {
  return [...order.executions.values()].map(({ quantity, price }) => `${quantity.text()} @ ${price.shortText(2)}`);
}

const first: Seen = { from: 0, to: 4, price: '100.00', average: '100.00' };
const rest: Seen = { from: 4, to: 10, price: '101.00', average: '100.60' };
const whole: Seen = { from: 0, to: 10, price: '100.60', average: '100.60' };

describe('fills of a broker that reports no executions', () => {
  test('each growth is one execution with its own price', () => {
    expect(booked(after(first, rest))).toEqual(['4 @ 100.00', '6 @ 101.00']);
  });

  test('a process that saw nothing before adds only what is not booked yet (P2)', () => {
    expect(booked(after(first, whole))).toEqual(['4 @ 100.00', '6 @ 101.00']);
    expect(booked(after(whole, first, rest))).toEqual(['10 @ 100.60']);
    expect(booked(after(first, rest, whole))).toEqual(['4 @ 100.00', '6 @ 101.00']);
  });

  test('the value of all fills is that of the average, whichever steps were seen', () => {
    const order = after(
      { from: 0, to: 1, price: '10.01', average: '10.01' },
      { from: 0, to: 3, price: '10.0067', average: '10.0067' },
    );
    const sum = Decimal.sum([...order.executions.values()].map((one) => one.quantity.times(one.price)));
    expect(sum.rounded(2, 'halfEven').text()).toBe('30.02');
  });

  test('a second order under the same id counts by itself', () => {
    expect(booked(after(first, { ...first, brokerOrderId: 'BO-2' }))).toEqual(['4 @ 100.00', '4 @ 100.00']);
  });

  test('another step of the same sum is no contradiction, as it is for an execution with an id', () => {
    const update = { side: 'buy' as const, symbol: 'SPY' };
    expect(contradiction(after(first, rest), { ...growth(whole), ...update } as never)).toBeUndefined();
    const plain = { ...report('BO-1-10', 10, '100.60'), kind: 'filled' as const, ...update };
    expect(contradiction(after(first, rest), plain)?.code).toBe('EXECUTION_DIFFERS');
  });

  test('an average that would give a growth for nothing is its price', () => {
    expect(booked(after({ ...first, average: '200.00', price: '200.00' }, { ...whole, average: '50.00' }))).toEqual([
      '4 @ 200.00',
      '6 @ 50.00',
    ]);
  });
});
