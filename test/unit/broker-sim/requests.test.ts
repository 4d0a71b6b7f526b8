import { describe, expect, test } from '@jest/globals';
import { parseClientOrderId } from '../../../src/events/names.js';
import type { Decimal } from '../../../src/kernel/decimal.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { MemorySimStore } from '../../../src/adapters/broker-sim/store.js';
import { BAC, dec, flat, minute, minuteStart, order, Rig, SELL_LONG, SPY } from './harness.js';

const LIMIT = { orderType: 'limit', limitPrice: dec('90.00') } as const;

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'no error';
  } catch (error) {
    return error instanceof TradeBotError ? error.code : 'other';
  }
}

describe('cancels', () => {
  test('a working order is cancelled after the latency', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('c-1', '10', LIMIT)));
    await rig.play(minute(1, { SPY: flat(100) }), (broker) => broker.cancel(parseClientOrderId('c-1')));
    expect(rig.reported.at(-1)).toMatchObject({ kind: 'cancelled', at: minuteStart(1) + 200 });
    expect((await rig.broker.orderByClientId(parseClientOrderId('c-1')))?.status).toBe('cancelled');
  });

  test('a cancel may lose the race: the order fills and the cancel changes nothing', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), async (broker) => {
      await broker.submit(order('c-1', '10'));
      rig.onUpdate = (update) =>
        update.kind === 'acknowledged' ? broker.cancel(update.clientOrderId) : Promise.resolve();
    });
    expect(rig.kinds()).toEqual(['acknowledged', 'filled']);
  });
});

describe('what the broker reports about itself', () => {
  test('assets, clock, self-check', async () => {
    const rig = await new Rig({ profile: { hardToBorrow: [BAC], notFractionable: [BAC] } }).open();
    expect(await rig.broker.asset(BAC)).toEqual({
      symbol: BAC,
      tradable: true,
      fractionable: false,
      shortable: false,
      minQuantity: dec('1'),
    });
    expect((await rig.broker.asset(SPY))?.minQuantity.text()).toBe('0.000001');
    expect(await rig.broker.clock()).toBe(rig.clock.now());
    expect((await rig.broker.selfCheck()).every((check) => check.ok)).toBe(true);
  });

  test('a price is unknown until its minute is over', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('a-1', '10')));
    const equity = async (): Promise<Decimal> => (await rig.broker.account()).equity;
    const before = await equity();
    rig.clock.moveTo(minuteStart(1));
    rig.broker.openMinute(minute(1, { SPY: flat(150) }));
    expect((await equity()).equals(before)).toBe(true);
    rig.clock.moveTo(minuteStart(2));
    expect((await equity()).minus(before).text()).toBe('500.00');
  });
});

describe('transfers and days', () => {
  const transfer = { reference: 'float-1', amount: dec('250.00'), direction: 'in' } as const;

  test('a transfer counts once by its reference, before, in and after a session, and survives the process', async () => {
    const store = new MemorySimStore();
    const first = new Rig({ store, minutes: 1 });
    first.broker.transferCash(transfer);
    first.broker.transferCash(transfer);
    await first.open();
    await first.play(minute(0, { SPY: flat(100) }), (broker) => {
      broker.transferCash(transfer);
      broker.transferCash({ reference: 'float-2', amount: dec('100.00'), direction: 'out' });
      return Promise.resolve();
    });
    await first.close();
    first.broker.transferCash({ reference: 'float-3', amount: dec('5.00'), direction: 'in' });
    expect((await first.broker.account()).cash.text()).toBe('100155.00');
    const second = new Rig({ store, minutes: 1, cash: '7.00' });
    await second.broker.connect();
    second.broker.transferCash(transfer);
    expect((await second.broker.account()).cash.text()).toBe('100155.00');
    const kinds = (await second.broker.activities(null, 10)).map((each) => each.kind);
    expect(kinds).toEqual(['deposit', 'withdrawal', 'deposit']);
  });

  test('transfers of one instant: who reads one at a time, as one that is killed in between does, reads each', async () => {
    const rig = new Rig({ minutes: 1 });
    await rig.open();
    const references: (string | null)[] = [];
    await rig.play(minute(0, { SPY: flat(100) }), async (broker) => {
      for (const reference of ['b', 'c', 'a']) broker.transferCash({ ...transfer, reference });
      for (let after: string | null = null; ;) {
        const [next] = await broker.activities(after, 1, 'cash');
        if (next === undefined || !('reference' in next)) break;
        references.push(next.reference);
        after = next.activityId;
      }
    });
    expect(references.sort()).toEqual(['a', 'b', 'c']);
  });

  test('a day replayed after its end and a later transfer ends the same', async () => {
    const store = new MemorySimStore();
    const play = async (rig: Rig): Promise<void> => {
      await rig.open();
      await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('a-1', '10')));
      await rig.close();
    };
    const first = new Rig({ store, minutes: 1 });
    await play(first);
    first.broker.transferCash(transfer);
    const again = new Rig({ store, minutes: 1 });
    await play(again);
    again.broker.transferCash(transfer);
    expect(again.reported).toEqual(first.reported);
    expect(await again.broker.account()).toEqual(await first.broker.account());
    expect(await again.broker.activities(null, 10)).toEqual(await first.broker.activities(null, 10));
  });

  test('a request of an earlier run is unknown until its time is reached again', async () => {
    const store = new MemorySimStore();
    const exit = parseClientOrderId('a-2');
    const first = await new Rig({ store, minutes: 1 }).open();
    first.onUpdate = (update) =>
      update.kind === 'filled' && update.side === 'buy'
        ? first.broker.submit(order('a-2', '10', SELL_LONG))
        : Promise.resolve();
    await first.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('a-1', '10')));
    const again = await new Rig({ store, minutes: 1 }).open();
    const known: boolean[] = [];
    again.onUpdate = async () => {
      known.push((await again.broker.orderByClientId(exit)) !== undefined);
    };
    await again.play(minute(0, { SPY: flat(100) }));
    expect(again.reported).toEqual(first.reported);
    // acknowledged; filled, to which it answers; then its own acknowledgement and fill
    expect(known).toEqual([false, true, true, true]);
  });

  test('invalid transfers are refused', () => {
    const rig = new Rig();
    rig.broker.transferCash(transfer);
    expect(codeOf(() => rig.broker.transferCash({ ...transfer, amount: dec('1.00') }))).toBe('DUPLICATE_TRANSFER');
    expect(codeOf(() => rig.broker.transferCash({ ...transfer, reference: 'x', amount: dec('0.001') }))).toBe(
      'INVALID_TRANSFER',
    );
    const out = { reference: 'y', amount: dec('1000000.00'), direction: 'out' } as const;
    expect(codeOf(() => rig.broker.transferCash(out))).toBe('INSUFFICIENT_CASH');
  });

  test('days move forward, and an unfinished one is finished first', async () => {
    const store = new MemorySimStore();
    const first = await new Rig({ store, minutes: 1 }).open();
    await first.play(minute(0, { SPY: flat(100) }));
    const next = new Rig({ store, date: '2013-10-08' });
    expect(codeOf(() => next.broker.openSession(next.session))).toBe('SIM_DAY_UNFINISHED');
    await first.close();
    next.broker.openSession(next.session);
    const past = new Rig({ store, date: '2013-10-04' });
    expect(codeOf(() => past.broker.openSession(past.session))).toBe('SIM_DAY_PAST');
  });

  test('the store of another account is refused', () => {
    const store = new MemorySimStore();
    store.accountId('SIM-OTHER');
    expect(codeOf(() => new Rig({ store }))).toBe('SIM_STORE_FOREIGN');
  });
});
