import { expect, test } from '@jest/globals';
import { map, mergeMap } from 'rxjs';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import type { CashActivity } from '../../src/ports/account-queries.js';
import type { BrokerFill, BrokerUpdate } from '../../src/ports/order-entry.js';
import { wrapBroker, type Broker } from '../../src/ports/broker.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { parseUtcText } from '../../src/kernel/time.js';
import { DAY, home, NEXT_DAY } from './support/days.js';
import { expectGoodBooks } from './support/oracle.js';

/** A broker that reports the executions of one symbol in a way that no event can hold. */
function broken(change: (update: BrokerUpdate) => BrokerUpdate): (broker: Broker) => Broker {
  const ofSymbol = (update: BrokerUpdate): BrokerUpdate =>
    update.kind === 'filled' && update.symbol === 'NOVQ' ? change(update) : update;
  return (broker) =>
    wrapBroker(broker, (_name, call) => call(), {
      orderUpdates$: broker.orderUpdates$.pipe(map(ofSymbol)),
      orderByClientId: async (id) => {
        const order = await broker.orderByClientId(id);
        return order === undefined ? undefined : { ...order, updates: order.updates.map(ofSymbol) };
      },
      activities: async (after, limit, which) => {
        const rows = await broker.activities(after, limit, which);
        return rows.map((row) =>
          row.kind === 'fill' ? { ...row, update: ofSymbol(row.update) as BrokerFill & BrokerUpdate } : row,
        );
      },
    });
}

test.each([
  [
    'an execution id that is no id',
    (update: BrokerUpdate) => ({ ...update, executionId: 'bad id \u2603' }),
    'SCHEMA_VIOLATION',
  ],
  [
    'a price beyond the books',
    (update: BrokerUpdate) => ({ ...update, price: Decimal.parse('90000000000000000') }),
    'BOOKS_OUT_OF_RANGE',
  ],
])('JRN-11 %s is kept with its content, and the next day is traded', async (_name, change, code) => {
  const day = home({ wrapBroker: broken(change) });
  expect(await day.run(DAY)).toMatchObject({ outcome: 'traded' });
  const refused = await day.eventsOf('BrokerFactRefused');
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ data }) => data.factId)).size).toBe(refused.length);
  expect(refused[0]?.data).toMatchObject({ kind: 'filled', code, isCut: false });
  expect(JSON.parse(refused[0]?.data.content ?? '')).toMatchObject({ kind: 'filled', symbol: 'NOVQ' });
  day.options = { ...day.options };
  expect(await day.run(NEXT_DAY)).toMatchObject({ outcome: 'traded' });
  const closed = await day.eventsOf('SessionClosed');
  expect(closed.map(({ data }) => data.reconciled)).toEqual([false, false]);
});

test('JRN-11 a cash movement that the books refuse does not block the others', async () => {
  const at = parseUtcText(`${NEXT_DAY}T12:00:00.000Z`);
  const movement = (activityId: string): CashActivity => ({
    ...{ kind: 'interest', activityId, at, symbol: null, reference: null, description: 'interest' },
    amount: Decimal.parse('1.00'),
    rawSha256: sha256Hex(activityId),
  });
  let came: readonly CashActivity[] = [];
  const day = home({
    wrapBroker: (broker) =>
      wrapBroker(broker, (_name, call) => call(), {
        activities: (after) => Promise.resolve(after === null ? came : []),
      }),
  });
  await day.run(DAY);
  came = [movement('no id \u2603'), movement('B-1'), { ...movement('B-2'), reverses: 'B-1' }];
  await day.run(NEXT_DAY);
  const imported = await day.eventsOf('BrokerActivityImported');
  expect(imported.map(({ data }) => [data.activityId, data.reversesEventId])).toEqual([
    ['B-1', undefined],
    ['B-2', imported[0]?.id],
  ]);
  expect((await day.eventsOf('BrokerFactRefused')).map(({ data }) => [data.kind, data.code])).toEqual([
    ['activity', 'SCHEMA_VIOLATION'],
  ]);
});

test.each([
  [
    'twice as many shares under the same id',
    (update: BrokerFill) => ({ ...update, quantity: update.quantity.times(Decimal.parse('2')) }),
  ],
  ['another symbol', (update: BrokerFill) => ({ ...update, symbol: parseSymbol('SPY') })],
])('JRN-11 a second report with %s is neither booked nor lost', async (_name, change) => {
  const day = home({
    wrapBroker: (broker) =>
      wrapBroker(broker, (_call, call) => call(), {
        orderUpdates$: broker.orderUpdates$.pipe(
          mergeMap((update) =>
            update.kind === 'filled' && update.symbol === 'NOVQ'
              ? [update, { ...update, ...change(update), rawSha256: sha256Hex('other') }]
              : [update],
          ),
        ),
      }),
  });
  await day.run(DAY);
  await expectGoodBooks(day, { trades: 4, errors: ['EXECUTION_NOT_BOOKABLE'] });
  const refused = await day.eventsOf('BrokerFactRefused');
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ data }) => data.code))).toEqual(new Set(['EXECUTION_DIFFERS']));
});
