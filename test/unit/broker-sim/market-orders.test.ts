import { describe, expect, test } from '@jest/globals';
import { toUtcText } from '../../../src/kernel/time.js';
import { COVER, dec, flat, minute, order, Rig, SELL_LONG, SELL_SHORT, SPY } from './harness.js';

describe('market orders', () => {
  test('an order is acknowledged after the latency, then filled at the ask, with money to the cent', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('a-1', '10')));
    expect(rig.kinds()).toEqual(['acknowledged', 'filled']);
    expect(rig.reported[0]?.at).toBe(rig.session.opensAt + 200);
    const [fill] = rig.fills();
    expect(fill?.at).toBeGreaterThan(rig.session.opensAt + 200);
    expect(fill?.at).toBeLessThanOrEqual(rig.session.opensAt + 206);
    expect(fill?.price.text()).toBe('100.0100');
    expect(fill?.commission.text()).toBe('0.35');
    expect(fill?.fee.text()).toBe('0.00');
    const account = await rig.broker.account();
    expect(account.cash.text()).toBe('98999.55');
    expect(await rig.broker.positions()).toEqual([
      { symbol: SPY, quantity: dec('10'), averagePrice: dec('100.010000') },
    ]);
  });

  test('a sale pays commission and the regulatory fee, rounded up', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('a-1', '200')));
    await rig.play(minute(1, { SPY: flat(101) }), (broker) => broker.submit(order('a-2', '200', SELL_LONG)));
    const sale = rig.fills()[1];
    expect(sale?.price.text()).toBe('100.9900');
    expect(sale?.commission.text()).toBe('0.70');
    // 20198.00 x 0.0000278 + 200 x 0.000166 = 0.5947044
    expect(sale?.fee.text()).toBe('0.60');
    expect((await rig.broker.account()).cash.text()).toBe('100194.00');
    expect(await rig.broker.positions()).toEqual([]);
  });

  test('a short and its cover', async () => {
    const rig = await new Rig().open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('s-1', '100', SELL_SHORT)));
    expect((await rig.broker.positions())[0]?.quantity.text()).toBe('-100');
    await rig.play(minute(1, { SPY: flat(98) }), (broker) => broker.submit(order('s-2', '100', COVER)));
    expect(await rig.broker.positions()).toEqual([]);
    // +9999.00 - 0.35 - 0.30, then -9801.00 - 0.35
    expect((await rig.broker.account()).cash.text()).toBe('100197.00');
  });

  test('no event falls on a whole second', async () => {
    const rig = await new Rig({ profile: { latencyMs: 1_000 } }).open();
    await rig.play(minute(0, { SPY: flat(100) }), (broker) => broker.submit(order('a-1', '10')));
    expect(toUtcText(rig.reported[0]?.at ?? rig.session.opensAt)).toBe('2013-10-07T13:30:01.001Z');
    expect(rig.reported.every((update) => update.at % 1_000 !== 0)).toBe(true);
  });
});
