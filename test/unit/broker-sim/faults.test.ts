import { describe, expect, test } from '@jest/globals';
import type { OrderFaultKind, SimFault } from '../../../src/adapters/broker-sim/faults.js';
import { parseClientOrderId } from '../../../src/events/names.js';
import { TradeBotError } from '../../../src/kernel/errors.js';
import { dec, flat, minute, minuteStart, order, Rig, SELL_LONG, SPY } from './harness.js';

const ID = parseClientOrderId('f-1');
const CALM = { SPY: flat(100) };
const LIMIT = { orderType: 'limit', limitPrice: dec('90.00') } as const;

async function rigWith(...faults: readonly SimFault[]): Promise<Rig> {
  return new Rig({ faults }).open();
}

const on = (fault: OrderFaultKind): SimFault => ({ ...fault, match: { clientOrderId: ID } });

async function outcome(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'resolved',
    (error: unknown) => (error instanceof TradeBotError ? `${error.kind} ${error.callerMust}` : 'other'),
  );
}

async function reported(rig: Rig): Promise<readonly string[]> {
  const found = await rig.broker.orderByClientId(ID);
  return (found?.updates ?? []).map((update) => update.kind);
}

describe('faults of an order', () => {
  test('F2: an execution reported three times counts once in the account', async () => {
    const rig = await rigWith(on({ kind: 'duplicate_fill', times: 3 }));
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(new Set(rig.fills().map((fill) => fill.executionId)).size).toBe(1);
    expect(rig.fills()).toHaveLength(3);
    expect((await rig.broker.positions())[0]?.quantity.text()).toBe('10');
    expect((await rig.broker.activities(null, 10)).length).toBe(1);
  });

  test('F3: an unreported fill appears only in a query, and so does an acknowledgement', async () => {
    const rig = await rigWith(on({ kind: 'drop_fill' }), on({ kind: 'drop_ack' }));
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(rig.reported).toEqual([]);
    expect(await reported(rig)).toEqual(['acknowledged', 'filled']);
  });

  test('F5: a fill comes after the cancel was confirmed', async () => {
    const rig = await rigWith(on({ kind: 'fill_after_cancel', afterMs: 40 }));
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10', LIMIT)));
    await rig.play(minute(1, CALM), (broker) => broker.cancel(ID));
    expect(rig.kinds()).toEqual(['acknowledged', 'cancelled', 'filled']);
    expect((await rig.broker.positions())[0]?.quantity.text()).toBe('10');
    expect((await rig.broker.orderByClientId(ID))?.filledQuantity.text()).toBe('10');
  });

  test('F6, F7: the order lives after a time-out, and a repeated submit makes no second one', async () => {
    const rig = await rigWith(on({ kind: 'submit_timeout_accepted' }));
    await rig.play(minute(0, CALM), async (broker) => {
      expect(await outcome(broker.submit(order('f-1', '10')))).toBe('NetworkError reconcile');
      expect(await broker.orderByClientId(ID)).toMatchObject({ status: 'accepted', updates: [] });
      expect(await outcome(broker.submit(order('f-1', '10')))).toBe('resolved');
    });
    expect((await rig.broker.positions())[0]?.quantity.text()).toBe('10');
  });

  test('F6: there is no order after a time-out, and a later submit succeeds', async () => {
    const rig = await rigWith(on({ kind: 'submit_timeout_lost' }));
    await rig.play(minute(0, CALM), async (broker) => {
      expect(await outcome(broker.submit(order('f-1', '10')))).toBe('NetworkError reconcile');
      expect(await broker.orderByClientId(ID)).toBeUndefined();
    });
    expect(rig.reported).toEqual([]);
    await rig.play(minute(1, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(rig.kinds()).toEqual(['acknowledged', 'filled']);
  });

  test('a fill before its acknowledgement', async () => {
    const rig = await rigWith(on({ kind: 'fill_before_ack' }));
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(rig.kinds()).toEqual(['filled', 'acknowledged']);
  });

  test('F17: an over-fill is one more execution with its own quantity', async () => {
    const rig = await rigWith(on({ kind: 'overfill', quantity: dec('3') }));
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(rig.fills().map((fill) => fill.quantity.text())).toEqual(['10', '3']);
    expect((await rig.broker.positions())[0]?.quantity.text()).toBe('13');
  });

  test('a bust takes shares and money back, a correction replaces the price', async () => {
    const bust = await rigWith(on({ kind: 'bust', afterMs: 500 }));
    await bust.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(bust.kinds()).toEqual(['acknowledged', 'filled', 'busted']);
    expect((await bust.broker.account()).cash.text()).toBe('100000.00');
    expect(await bust.broker.positions()).toEqual([]);
    expect(await bust.broker.activities(null, 10)).toEqual([]);

    const correct = await rigWith(on({ kind: 'correct', afterMs: 500, priceChange: dec('-0.50') }));
    await correct.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    const old = correct.fills()[0];
    expect(correct.reported.at(-1)).toMatchObject({ kind: 'corrected', correctsExecutionId: old?.executionId });
    expect((await correct.broker.account()).cash.text()).toBe('99004.55');
    expect((await correct.broker.positions())[0]?.averagePrice.text()).toBe('99.510000');
    expect(await correct.broker.activities(null, 10)).toHaveLength(1);
  });

  test('a slow acknowledgement, and a rejection with its message', async () => {
    const slow = await rigWith(on({ kind: 'slow_ack', ms: 5_000 }));
    await slow.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(slow.reported[0]?.at).toBe(minuteStart(0) + 5_200);
    const reject = await rigWith(on({ kind: 'reject', code: 'MARGIN_CALL', message: 'call us' }));
    await reject.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(reject.reported).toMatchObject([{ kind: 'rejected', code: 'MARGIN_CALL', message: 'call us' }]);
  });

  test('a fault matches its order by number, symbol or purpose, a limited number of times', async () => {
    const rig = await rigWith(
      { kind: 'reject', code: 'NTH', message: '', match: { nth: 2 } },
      { kind: 'reject', code: 'EXIT', message: '', match: { purpose: 'exit', symbol: SPY }, times: 2 },
    );
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    await rig.play(minute(1, CALM), async (broker) => {
      for (const id of ['f-2', 'f-3']) await broker.submit(order(id, '1'));
      for (const id of ['f-4', 'f-5', 'f-6']) await broker.submit(order(id, '1', SELL_LONG));
    });
    const rejected = rig.reported.flatMap((each) =>
      each.kind === 'rejected' ? [`${each.clientOrderId} ${each.code}`] : [],
    );
    expect([...rejected].sort()).toEqual(['f-2 NTH', 'f-4 EXIT', 'f-5 EXIT']);
  });
});

describe('faults of the connection and the account', () => {
  test('F1: events during an outage are never reported later, but a query has them', async () => {
    const rig = await rigWith({ kind: 'disconnect', from: 100, to: 30_000 });
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(rig.reported).toEqual([]);
    expect(rig.statuses.map((status) => status.state)).toEqual(['connected', 'disconnected', 'connected']);
    expect(await reported(rig)).toEqual(['acknowledged', 'filled']);
  });

  test('F1, F30: during an outage submit and cancel are refused for a retry', async () => {
    const rig = await rigWith({ kind: 'disconnect', from: 100, to: 70_000 });
    await rig.play(minute(0, CALM));
    await rig.play(minute(1, CALM), async (broker) => {
      expect(await outcome(broker.submit(order('f-1', '10')))).toBe('NetworkError retry');
      expect(await outcome(broker.orderByClientId(ID))).toBe('resolved');
    });
    await rig.play(minute(2, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(rig.kinds()).toEqual(['acknowledged', 'filled']);
  });

  test('F1: with everything down no query is answered', async () => {
    const rig = await rigWith({ kind: 'disconnect', from: 100, to: 70_000, refuses: 'everything' });
    await rig.play(minute(0, CALM));
    expect(await outcome(rig.broker.account())).toBe('NetworkError retry');
  });

  test('F4: orders go out while the stream is down', async () => {
    const rig = await rigWith({ kind: 'disconnect', from: 100, to: 100_000, refuses: 'nothing' });
    await rig.play(minute(0, CALM));
    await rig.play(minute(1, CALM), (broker) => broker.submit(order('f-1', '10')));
    expect(rig.reported).toEqual([]);
    expect((await rig.broker.orderByClientId(ID))?.status).toBe('filled');
  });

  test('F11: a position is closed manually, and the bot gets no report', async () => {
    const rig = await rigWith({ kind: 'manual_close', at: 90_000, symbol: SPY });
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    await rig.play(minute(1, CALM));
    expect(rig.kinds()).toEqual(['acknowledged', 'filled']);
    expect(await rig.broker.positions()).toEqual([]);
    const last = (await rig.broker.activities(null, 10)).at(-1);
    expect(last).toMatchObject({ kind: 'fill', update: { clientOrderId: 'manual-20131007-0-SPY', side: 'sell' } });
  });

  test('F11: an exit of a manually closed position trades nothing and never crosses zero', async () => {
    const rig = await rigWith({ kind: 'manual_close', at: 90_000, symbol: SPY });
    const stop = { ...SELL_LONG, orderType: 'stop', stopPrice: dec('95.00') } as const;
    await rig.play(minute(0, CALM), (broker) => broker.submit(order('f-1', '10')));
    await rig.play(minute(1, CALM), (broker) => broker.submit(order('f-2', '10', stop)));
    await rig.play(minute(2, { SPY: flat(94) }));
    expect(rig.reported.at(-1)).toMatchObject({ kind: 'cancelled', clientOrderId: 'f-2', filledQuantity: dec('0') });
    expect(await rig.broker.positions()).toEqual([]);
  });

  test('F11: an order appears that the bot never sent', async () => {
    const rig = await rigWith({
      kind: 'outside_order',
      at: 20_000,
      symbol: SPY,
      side: 'buy',
      quantity: dec('7'),
      limitPrice: dec('50.00'),
      reported: true,
    });
    await rig.play(minute(0, CALM));
    expect((await rig.broker.orderByClientId(parseClientOrderId('outside-20131007-0')))?.status).toBe('working');
    expect(rig.kinds()).toEqual(['acknowledged']);
  });
});
