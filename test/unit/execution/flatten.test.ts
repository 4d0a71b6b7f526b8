import { describe, expect, test } from '@jest/globals';
import { flatten, type FlattenResult } from '../../../src/app/break-glass/flatten.js';
import type { SideLine } from '../../../src/app/break-glass/side-line.js';
import { parseClientOrderId, parseSymbol, type ClientOrderId } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { networkError } from '../../../src/kernel/errors.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import { epochMs } from '../../../src/kernel/time.js';
import type { EmergencyBroker } from '../../../src/ports/emergency-broker.js';
import type { BrokerOrder, OrderRequest } from '../../../src/ports/order-entry.js';
import { isOfThisBot } from '../../../src/domain/orders/client-order-ids.js';
import { openOrder } from '../../support/open-orders.js';

const identity = composeBotIdentity({ entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' });

/** An account that executes closing orders at the next wait. */
class Account implements EmergencyBroker {
  readonly code = 'TEST';
  clientIdLength = 96;
  readonly held = new Map([
    ['AIG', Decimal.parse('16')],
    ['BRK.B', Decimal.parse('-2')],
  ]);
  readonly orders = new Map<ClientOrderId, { readonly request: OrderRequest; status: BrokerOrder['status'] }>();
  readonly entries = new Set([`${identity}-20131007-9`, 'another-program-1'].map(parseClientOrderId));
  submits = 0;
  /** Calls that fail from now on. */
  failing = 0;
  fills = true;

  openOrders(): ReturnType<EmergencyBroker['openOrders']> {
    if (this.failing > 0) {
      this.failing -= 1;
      const what = { code: 'CONNECTION_LOST', message: 'the connection is down', remedy: 'Try again.' };
      return Promise.reject(networkError('retry', what));
    }
    const working = [...this.orders].filter(([, { status }]) => status === 'working').map(([id]) => id);
    return Promise.resolve([...this.entries, ...working].map((id) => openOrder(id)));
  }

  positions(): ReturnType<EmergencyBroker['positions']> {
    return Promise.resolve(
      [...this.held].map(([symbol, quantity]) => ({
        symbol: parseSymbol(symbol),
        quantity,
        averagePrice: Decimal.parse('10'),
      })),
    );
  }

  submit(request: OrderRequest): Promise<void> {
    this.submits += 1;
    if (request.clientOrderId.length > this.clientIdLength) throw new Error(`${request.clientOrderId} is too long`);
    if (this.orders.has(request.clientOrderId)) throw new Error(`${request.clientOrderId} was sent twice`);
    this.orders.set(request.clientOrderId, { request, status: 'working' });
    return Promise.resolve();
  }

  cancel(id: ClientOrderId): Promise<void> {
    this.entries.delete(id);
    const order = this.orders.get(id);
    if (order !== undefined) order.status = 'cancelled';
    return Promise.resolve();
  }

  orderByClientId(id: ClientOrderId): Promise<BrokerOrder | undefined> {
    const order = this.orders.get(id);
    if (order === undefined) return Promise.resolve(undefined);
    const { status } = order;
    return Promise.resolve({
      clientOrderId: id,
      brokerOrderId: 'b',
      status,
      filledQuantity: Decimal.ZERO,
      updates: [],
    });
  }

  wait(): Promise<void> {
    for (const order of this.orders.values()) {
      if (!this.fills || order.status !== 'working') continue;
      order.status = 'filled';
      this.held.delete(order.request.symbol);
    }
    return Promise.resolve();
  }

  close(): void {
    this.orders.clear();
  }
}

async function run(broker: Account, lines: SideLine[] = [], key = 'abc'): Promise<FlattenResult> {
  const clock = { now: () => epochMs(0) };
  return flatten({ broker, identity, key, clock, write: (line) => lines.push(line) });
}

/** 15 characters of the bot, and 16 after it: a broker that keeps as few as the shortest form needs. */
function shortIdAccount(): Account {
  const broker = new Account();
  broker.clientIdLength = 31;
  return broker;
}

describe('a kill with the broker alone', () => {
  test('it cancels our orders, closes longs and shorts, and writes each step before it acts', async () => {
    const broker = new Account();
    const lines: SideLine[] = [];
    expect(await run(broker, lines)).toEqual({ flat: true, open: [], sent: 2 });
    const closed = [...broker.orders.values()].map(({ request }) => [
      request.clientOrderId,
      request.side,
      request.positionEffect,
      request.quantity?.shortText(),
    ]);
    expect(closed).toEqual([
      ['DEMO_US_SIM_B01-Gabc-AIG-1', 'sell', 'close_long', '16'],
      ['DEMO_US_SIM_B01-Gabc-BRK_B-1', 'buy', 'close_short', '2'],
    ]);
    expect([...broker.entries]).toEqual(['another-program-1']);
    expect(lines.map(({ fact }) => fact.kind)).toEqual(['cancel', 'intended', 'accepted', 'intended', 'accepted']);
  });

  test('the same kill again sends nothing that the broker knows', async () => {
    const broker = new Account();
    broker.fills = false;
    expect(await run(broker)).toMatchObject({ flat: false, sent: 2 });
    expect(await run(broker)).toMatchObject({ flat: false, sent: 0 });
    expect(broker.submits).toBe(2);
    broker.fills = true;
    expect(await run(broker)).toEqual({ flat: true, open: [], sent: 0 });
  });

  test('a rejected order is followed by the next one, within a bound, and the remainder is listed', async () => {
    const broker = new Account();
    broker.fills = false;
    broker.wait = () => {
      for (const order of broker.orders.values()) order.status = 'rejected';
      return Promise.resolve();
    };
    const result = await run(broker);
    expect(result.open).toEqual(['AIG 16', 'BRK.B -2']);
    expect(broker.submits).toBe(50);
  });

  test('a broker that does not answer is asked again, and the remainder is not known until it answers', async () => {
    const broker = new Account();
    broker.failing = 3;
    const lines: SideLine[] = [];
    expect(await run(broker, lines)).toMatchObject({ flat: true });
    expect(lines[0]?.fact).toEqual({ kind: 'fault', what: 'broker', code: 'CONNECTION_LOST' });
    const away = new Account();
    away.failing = 1_000;
    expect(await run(away)).toEqual({ flat: false, open: ['not known: the broker has not answered'], sent: 0 });
  });
});

describe('a kill at a broker that keeps short order ids', () => {
  const key = '0123456789ab';

  test('it sends each closing order once over two runs, and leaves its own working orders alone', async () => {
    const broker = shortIdAccount();
    broker.fills = false;
    expect(await run(broker, [], key)).toMatchObject({ flat: false, sent: 2 });
    const ids = [...broker.orders.keys()];
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => id.length === 31 && isOfThisBot(identity, id))).toBe(true);
    expect(await run(broker, [], key)).toMatchObject({ flat: false, sent: 0 });
    expect([...broker.orders.values()].map(({ status }) => status)).toEqual(['working', 'working']);
    broker.fills = true;
    expect(await run(broker, [], key)).toEqual({ flat: true, open: [], sent: 0 });
    expect(broker.submits).toBe(2);
  });

  test('a run that ended between its send and the answer sends nothing twice', async () => {
    const broker = shortIdAccount();
    broker.fills = false;
    const submit = broker.submit.bind(broker);
    broker.submit = async (request) => {
      await submit(request);
      throw networkError('reconcile', { code: 'API_TIMEOUT', message: 'no answer', remedy: 'Ask for it.' });
    };
    expect(await run(broker, [], key)).toMatchObject({ sent: 0 });
    expect(await run(broker, [], key)).toMatchObject({ sent: 0 });
    expect(broker.submits).toBe(2);
  });

  test('the orders of another kill are cancelled and replaced by its own', async () => {
    const broker = shortIdAccount();
    broker.fills = false;
    await run(broker, [], key);
    await run(broker, [], 'ba9876543210');
    expect([...broker.orders.values()].map(({ status }) => status)).toEqual([
      ...['cancelled', 'cancelled'],
      ...['working', 'working'],
    ]);
  });

  test('where not even the short form fits nothing is sent, and what is open is named', async () => {
    const broker = shortIdAccount();
    broker.clientIdLength = 30;
    const lines: SideLine[] = [];
    const result = await run(broker, lines, key);
    expect(result).toMatchObject({ flat: false, sent: 0 });
    expect(result.open).toEqual(['AIG 16', 'BRK.B -2']);
    expect(lines.map(({ fact }) => fact)).toContainEqual({
      ...{ kind: 'fault', what: 'broker', code: 'CLIENT_ORDER_ID_TOO_LONG' },
    });
  });
});
