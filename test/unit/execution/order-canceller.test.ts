import { describe, expect, test } from '@jest/globals';
import { OrderCanceller } from '../../../src/app/execution/order-canceller.js';
import type { OrderSenderDeps } from '../../../src/app/execution/order-sender.js';
import { LOCKED_HOME } from '../../../src/app/ownership/effects-guard.js';
import type { Order } from '../../../src/domain/orders/order.js';
import { parseClientOrderId, type ClientOrderId } from '../../../src/events/names.js';
import { networkError } from '../../../src/kernel/errors.js';
import { epochMs } from '../../../src/kernel/time.js';
import { newEffectMemory } from '../../../src/trading/orders/effect-memory.js';
import type { OpenOrder } from '../../../src/ports/order-entry.js';
import { openOrder } from '../../support/open-orders.js';

const idOf = (n: number): ClientOrderId => parseClientOrderId(`DEMO_US_ALPACA_B01-20261130-${n}`);

interface Account {
  /** Orders whose cancel is recorded, in the order in which the engine sends them. */
  readonly cancels?: readonly number[];
  readonly open?: readonly (ClientOrderId | null)[];
  readonly killed?: boolean;
  readonly over?: Partial<Record<'cancelAll' | 'closeAll' | 'openOrders', unknown>>;
}

/** Sends all cancels as the engine does, then those of `again`; what was asked of the broker. */
async function cancelOrders(
  account: Account,
  again: readonly number[] = [],
  late?: () => void,
): Promise<readonly string[]> {
  const { cancels = [1, 2], open = [idOf(1), idOf(2)], killed = true, over = {} } = account;
  const asked: string[] = [];
  const note = (call: string): Promise<void> => Promise.resolve(void asked.push(call));
  const broker = {
    openOrders: () => Promise.resolve(open.map((id) => openOrder(id))),
    cancel: (id: string) => note(`cancel ${id.slice(-1)}`),
    cancelAll: () => note('cancel all'),
    closeAll: () => note('close all'),
    ...over,
  } as unknown as OrderSenderDeps['broker'];
  const orders = cancels.map(
    (n) => [idOf(n), { cancelRequested: true, intent: { clientOrderId: idOf(n) } } as Order] as const,
  );
  const state = { liveOrders: new Map(orders), orders: new Map(orders) };
  const memory = newEffectMemory();
  const canceller = new OrderCanceller({
    ...{ broker, effects: LOCKED_HOME, calls: { abandonsPending: killed }, clock: { now: () => epochMs(0) } },
    state: () => state,
    context: { memory } as unknown as OrderSenderDeps['context'],
  });
  const send = (n: number): Promise<void> => {
    memory.cancelSentAt.set(idOf(n), epochMs(0));
    return canceller.cancel(idOf(n));
  };
  const first = Promise.all(cancels.map(send));
  if (late === undefined) await first;
  for (const n of again) await send(n);
  late?.();
  await first;
  return asked;
}

const APART = ['cancel 1', 'cancel 2'];
const lost = networkError('reconcile', { code: 'CANCEL_INCOMPLETE', message: 'not all', remedy: 'Ask.' });

describe('cancels of a kill', () => {
  test('all orders of the bot are cancelled in one call', async () => {
    expect(await cancelOrders({})).toEqual(['cancel all']);
    expect(await cancelOrders({ over: { closeAll: undefined } })).toEqual(['cancel all']);
  });

  test.each<[string, Account]>([
    ['an order placed by hand', { open: [idOf(1), null] }],
    ['an order that the journal lacks', { open: [idOf(1), idOf(7)] }],
    ['orders that cannot be read', { over: { openOrders: () => Promise.reject(new Error('down')) } }],
    ['a session that waits for answers', { killed: false }],
    ['a broker that cannot', { over: { cancelAll: undefined } }],
    ['an order that the call did not cancel', { over: { cancelAll: () => Promise.reject(lost) } }],
  ])('one by one with %s', async (_what, account) => {
    expect(await cancelOrders(account)).toEqual(APART);
  });

  test('one order needs no call for all', async () => {
    expect(await cancelOrders({ cancels: [1] })).toEqual(['cancel 1']);
  });

  test('the call does not leave when the list of orders comes after each was cancelled by itself', async () => {
    let answer: (open: readonly OpenOrder[]) => void = () => undefined;
    const openOrders = (): Promise<readonly OpenOrder[]> => new Promise((resolve) => (answer = resolve));
    const asked = await cancelOrders({ over: { openOrders } }, [1], () => answer([openOrder(idOf(2))]));
    expect(asked).toEqual(['cancel 1', ...APART]);
  });

  test('an order that lives on after the call is cancelled by itself', async () => {
    expect(await cancelOrders({}, [2, 2])).toEqual(['cancel all', 'cancel 2', 'cancel 2']);
  });
});
