import { describe, expect, test } from '@jest/globals';
import { OrderSender, type OrderSenderDeps } from '../../../src/app/execution/order-sender.js';
import { LOCKED_HOME } from '../../../src/app/ownership/effects-guard.js';
import type { Order } from '../../../src/domain/orders/order.js';
import { parseClientOrderId, parseSymbol, type ClientOrderId } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { brokerError, networkError } from '../../../src/kernel/errors.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';
import type { ClosedPosition } from '../../../src/ports/order-entry.js';
import { newEffectMemory } from '../../../src/trading/orders/effect-memory.js';
import { openOrder } from '../../support/open-orders.js';

const identity = composeBotIdentity({ entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'ALPACA', botId: 'B01' });
const idOf = (n: number): ClientOrderId => parseClientOrderId(`${identity}-20261130-${n}`);

type Shares = Readonly<Record<string, string>>;

/** Closing orders by symbol: a positive quantity closes a long position. */
function ordersOf(exits: Shares, exitReason: string): readonly Order[] {
  return Object.entries(exits).map(([symbol, shares], at) => {
    const quantity = Decimal.parse(shares);
    const side = quantity.sign() > 0 ? 'sell' : 'buy';
    const intent = {
      ...{ clientOrderId: idOf(at + 1), symbol, side, quantity: quantity.abs().shortText(), exitReason },
      ...{ purpose: 'exit', orderType: 'market', notional: null, limitPrice: null, stopPrice: null },
    };
    return { stage: 'intended', attempts: 0, intent } as Order;
  });
}

interface Account {
  readonly held?: Shares;
  readonly exits?: Shares;
  readonly open?: readonly (ClientOrderId | null)[];
  readonly killed?: boolean;
  readonly exitReason?: string;
  readonly over?: Partial<OrderSenderDeps['broker']>;
  /** What the journal has of the orders when the broker is asked for its positions. */
  readonly since?: Partial<Order>;
  /** Orders that are sent a second time; no other one waits for its first send then. */
  readonly again?: readonly number[];
}

const BOTH: Shares = { AIG: '16', 'BRK.B': '-2' };

/** Sends all closing orders; what was asked of the broker, and how each send ended. */
async function sendAll(
  account: Account,
): Promise<{ readonly asked: readonly string[]; readonly ends: readonly string[] }> {
  const {
    held = BOTH,
    exits = BOTH,
    open = [idOf(9)],
    killed = true,
    exitReason = 'kill',
    over = {},
    since = {},
    again = [],
  } = account;
  const asked: string[] = [];
  const orders = ordersOf(exits, exitReason);
  const live = new Map(orders.map((order) => [order.intent.clientOrderId, order]));
  const broker = {
    positions: () => {
      for (const [id, order] of live) live.set(id, { ...order, ...since });
      return Promise.resolve(
        Object.entries(held).map(([symbol, quantity]) => ({
          ...{ symbol: parseSymbol(symbol), quantity: Decimal.parse(quantity), averagePrice: Decimal.ONE },
        })),
      );
    },
    openOrders: () => Promise.resolve(open.map((id) => ({ ...openOrder(idOf(9)), clientOrderId: id }))),
    submit: ({ clientOrderId }: { readonly clientOrderId: string }) => {
      asked.push(`submit ${clientOrderId.slice(-1)}`);
      return Promise.resolve();
    },
    cancelAll: () => {
      asked.push('cancel all');
      return Promise.resolve();
    },
    closeAll: (closed: readonly ClosedPosition[]) => {
      const names = closed.map(({ symbol, clientOrderId }) => `${symbol} as ${clientOrderId.slice(-1)}`);
      asked.push(`close all: ${names.join(', ')}`);
      return Promise.resolve();
    },
    ...over,
  } as unknown as OrderSenderDeps['broker'];
  const memory = newEffectMemory();
  const { unsent } = memory;
  for (const { intent } of orders) unsent.add(intent.clientOrderId);
  const sender = new OrderSender({
    ...{ broker, effects: LOCKED_HOME, calls: { abandonsPending: killed }, clock: { now: () => epochMs(0) } },
    state: () => ({ liveOrders: live, orders: new Map([...live, [idOf(9), { stage: 'working' } as Order]]) }),
    context: { identity, memory } as unknown as OrderSenderDeps['context'],
  });
  const sent = await Promise.allSettled(orders.map((order) => sender.send(order, 'reduces')));
  unsent.clear();
  for (const at of again) await sender.send(orders[at]!, 'reduces').catch(() => undefined);
  return {
    asked,
    ends: sent.map((one) => (one.status === 'fulfilled' ? 'sent' : (one.reason as { code: string }).code)),
  };
}

const APART = ['submit 1', 'submit 2'];

describe('closing orders of a kill', () => {
  test('an account that is the bot’s own is closed in two calls', async () => {
    expect(await sendAll({})).toEqual({
      asked: ['cancel all', 'close all: AIG as 1, BRK.B as 2'],
      ends: ['sent', 'sent'],
    });
  });

  test.each<[string, Account]>([
    ['a position that the bot does not close', { held: { ...BOTH, IBM: '1' } }],
    ['more shares than the bot closes', { held: { ...BOTH, AIG: '17' } }],
    ['a position on the other side', { held: { ...BOTH, AIG: '-16' } }],
    ['a position that is gone', { held: { AIG: '16' } }],
    ['an order placed by hand', { open: [idOf(9), null] }],
    ['an order of a copy of the bot', { open: [idOf(8)] }],
    ['an order of another bot', { open: [parseClientOrderId('DEMO_US_ALPACA_B011-20261130-1')] }],
    ['positions that cannot be read', { over: { positions: () => Promise.reject(new Error('down')) } }],
    ['orders that cannot be read', { over: { openOrders: () => Promise.reject(new Error('down')) } }],
    ['a broker that cannot', { over: { closeAll: undefined } as unknown as NonNullable<Account['over']> }],
    ['exits that are no kill', { exitReason: 'stop_loss' }],
    ['a session that waits for answers', { killed: false }],
  ])('one by one with %s', async (_what, account) => {
    expect((await sendAll(account)).asked).toEqual(APART);
  });

  test('an account without an open order is closed in one call', async () => {
    expect((await sendAll({ open: [] })).asked).toEqual(['close all: AIG as 1, BRK.B as 2']);
  });

  test('one order needs no second call', async () => {
    expect((await sendAll({ held: { AIG: '16' }, exits: { AIG: '16' } })).asked).toEqual(['submit 1']);
  });

  test('a cancel that fails does not keep positions open', async () => {
    const { asked, ends } = await sendAll({ over: { cancelAll: () => Promise.reject(new Error('down')) } });
    expect([asked, ends]).toEqual([['close all: AIG as 1, BRK.B as 2'], ['sent', 'sent']]);
  });

  test('a close without an answer is asked for by the ids of the orders, and not sent again', async () => {
    const lost = networkError('reconcile', { code: 'NO_ANSWER', message: 'lost', remedy: 'Ask.' });
    const { asked, ends } = await sendAll({ over: { closeAll: () => Promise.reject(lost) } });
    expect([asked, ends]).toEqual([['cancel all'], ['NO_ANSWER', 'NO_ANSWER']]);
  });

  test.each(['refuse', 'retry'] as const)(
    'a close that the broker did not carry out (%s) is sent one by one',
    async (end) => {
      const error = brokerError(end, { code: 'NO', message: 'no', remedy: 'None.' });
      const { asked, ends } = await sendAll({ over: { closeAll: () => Promise.reject(error) } });
      expect([asked, ends]).toEqual([
        ['cancel all', ...APART],
        ['sent', 'sent'],
      ]);
    },
  );

  test.each<[string, Partial<Order>]>([
    ['is in doubt', { stage: 'unresolved' }],
    ['was sent again', { attempts: 1 }],
    ['is over', { stage: 'cancelled' }],
  ])('an order that %s by the time the account is read does not leave any more', async (_what, since) => {
    expect(await sendAll({ since })).toEqual({ asked: [], ends: ['SENT_TOO_LATE', 'SENT_TOO_LATE'] });
    const refused = { since, over: { openOrders: () => Promise.reject(new Error('down')) } };
    expect(await sendAll(refused)).toEqual({ asked: [], ends: ['SENT_TOO_LATE', 'SENT_TOO_LATE'] });
  });

  test('an order that the broker does not know after the close is sent again, by itself', async () => {
    const together = ['cancel all', 'close all: AIG as 1, BRK.B as 2'];
    expect((await sendAll({ again: [1, 1, 0] })).asked).toEqual([...together, 'submit 2', 'submit 2', 'submit 1']);
    const lost = networkError('reconcile', { code: 'NO_ANSWER', message: 'lost', remedy: 'Ask.' });
    const { asked } = await sendAll({ again: [0, 1], over: { closeAll: () => Promise.reject(lost) } });
    expect(asked).toEqual(['cancel all', 'submit 1', 'submit 2']);
  });
});
