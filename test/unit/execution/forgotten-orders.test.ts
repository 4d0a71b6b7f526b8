import { describe, expect, test } from '@jest/globals';
import { ForgottenOrders } from '../../../src/app/execution/forgotten-orders.js';
import { parseClientOrderId } from '../../../src/events/names.js';
import { intended } from '../orders/support.js';

const ID = parseClientOrderId('DEMO_US_SIM_B01-20260106-1');

/** Orders of a journal without events, or of one that is away; `asked` are the reads, `written` the streams. */
function ordersOf(isAway: boolean): {
  readonly orders: ForgottenOrders;
  readonly asked: string[];
  readonly written: string[];
} {
  const [asked, written]: [string[], string[]] = [[], []];
  const empty = (stream: string): Promise<readonly never[]> => {
    asked.push(stream);
    return Promise.resolve([]);
  };
  const orders = new ForgottenOrders({
    journal: { readStream: empty, readAll: () => empty('all') },
    appender: {
      append: (stream) => Promise.resolve(void written.push(stream)),
      readJournal: (read) => (isAway ? Promise.resolve(undefined) : read()),
    },
  });
  return { orders, asked, written };
}

describe('orders that only the journal knows', () => {
  test('while the journal is away nothing says whether it has an order, and nothing is taken back', async () => {
    const { orders, asked, written } = ordersOf(true);
    expect(await orders.find(ID)).toBe('journal away');
    expect(await orders.reload(intended())).toBe(false);
    expect([asked, written]).toEqual([[], []]);
  });

  test('an order that the journal does not have is known as such, and an id of others needs no journal', async () => {
    const { orders, asked } = ordersOf(false);
    expect(await orders.find(ID)).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(await ordersOf(true).orders.find('by hand')).toBeUndefined();
  });
});
