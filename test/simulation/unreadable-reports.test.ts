import { describe, expect, test } from '@jest/globals';
import { mergeMap } from 'rxjs';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { parseUtcText, type EpochMs } from '../../src/kernel/time.js';
import type { BrokerActivity } from '../../src/ports/account-queries.js';
import { wrapBroker, type Broker } from '../../src/ports/broker.js';
import type { BrokerUpdate } from '../../src/ports/order-entry.js';
import { DAY, home, NEXT_DAY } from './support/days.js';

const NOVQ = parseSymbol('NOVQ');
type Changed = Readonly<Record<string, unknown>>;

/** A broker whose reports of fills of one symbol come as `change` makes them, in the stream and in the result of a query. */
function reporting(change: (fill: BrokerUpdate) => readonly Changed[]): (broker: Broker) => Broker {
  const changed = (update: BrokerUpdate): BrokerUpdate[] =>
    update.kind === 'filled' && update.symbol === NOVQ ? (change(update) as unknown as BrokerUpdate[]) : [update];
  return (broker) =>
    wrapBroker(broker, (_name, call) => call(), {
      orderUpdates$: broker.orderUpdates$.pipe(mergeMap(changed)),
      orderByClientId: async (id) => {
        const order = await broker.orderByClientId(id);
        return order === undefined ? undefined : { ...order, updates: order.updates.flatMap(changed) };
      },
    });
}

describe('JRN-11 reports of the broker that nobody can read', () => {
  test.each<[string, Changed]>([
    ['a time that is no number', { at: Number.NaN }],
    ['a time of execution that is no number', { filledAt: Number.NaN }],
    ['a time after the year 9999', { at: 253_402_300_800_000, filledAt: 253_402_300_800_000 }],
    ['a time before 1970', { at: -62_167_219_200_001 }],
    ['no symbol', { symbol: undefined }],
    ['no execution id', { executionId: undefined }],
    ['a quantity that is a text', { quantity: '45' }],
    ['a kind that is not known', { kind: 'trade_break' }],
    ['no digest', { rawSha256: undefined }],
  ])('with %s are kept once, and the day and the next one are traded', async (_name, members) => {
    const day = home({ wrapBroker: reporting((fill) => [{ ...fill, ...members }]) });
    expect(await day.run(DAY)).toMatchObject({ outcome: 'traded' });
    const refused = await day.eventsOf('BrokerFactRefused');
    expect(new Set(refused.map(({ data }) => data.code))).toEqual(new Set(['REPORT_UNREADABLE']));
    expect(new Set(refused.map(({ data }) => data.contentSha256)).size).toBe(refused.length);
    expect(refused[0]?.data.content).toContain('brokerOrderId');
    const errors = await day.eventsOf('ErrorRecorded');
    expect(new Set(errors.map(({ data }) => data.errorCode))).toEqual(new Set(['EXECUTION_NOT_BOOKABLE']));
    day.options = { feed: day.options.feed, settings: day.options.settings ?? {} };
    expect(await day.run(NEXT_DAY)).toMatchObject({ outcome: 'traded' });
  });

  test.each<[string, string]>([
    ['with blanks', 'web: order 1/2'],
    ['with control characters', 'zz\u0000\u001B[31m'],
    ['of a million characters', 'q'.repeat(1_000_000)],
    ['that is empty', ''],
  ])('the execution of an order of others, under an id %s, is kept and not booked', async (_name, id) => {
    const other = { clientOrderId: id, executionId: 'OTHER-1' };
    const day = home({ wrapBroker: reporting((fill) => [{ ...fill, ...other }, { ...fill }]) });
    expect(await day.run(DAY)).toMatchObject({ outcome: 'traded' });
    const refused = await day.eventsOf('BrokerFactRefused');
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ data }) => `${data.kind} ${data.code}`))).toEqual(new Set(['filled ORDER_NOT_OURS']));
    expect((await day.eventsOf('ReconciliationCompleted')).map(({ data }) => data.ok)).toEqual([true]);
  });

  test('a cash movement at no time does not block the others', async () => {
    const at = parseUtcText(`${NEXT_DAY}T12:00:00.000Z`);
    const movement = (activityId: string, time: number): BrokerActivity => ({
      ...{ kind: 'interest', activityId, symbol: null, reference: null, description: 'interest' },
      at: time as EpochMs,
      amount: Decimal.parse('1.00'),
      rawSha256: sha256Hex(activityId),
    });
    let came: readonly BrokerActivity[] = [];
    const day = home({
      wrapBroker: (broker) =>
        wrapBroker(broker, (_name, call) => call(), {
          activities: (after) => Promise.resolve(after === null ? came : []),
        }),
    });
    await day.run(DAY);
    came = [movement('A-1', Number.NaN), movement('B-1', at)];
    await day.run(NEXT_DAY);
    expect((await day.eventsOf('BrokerActivityImported')).map(({ data }) => data.activityId)).toEqual(['B-1']);
    expect((await day.eventsOf('BrokerFactRefused')).map(({ data }) => [data.kind, data.code])).toEqual([
      ['activity', 'REPORT_UNREADABLE'],
    ]);
  });
});
