import { describe, expect, test } from '@jest/globals';
import { isRealDate, isRealTime, refusalOf } from '../../../src/events/acceptance.js';
import type { EventType } from '../../../src/events/event.js';
import { examplesByType } from '../../golden/support/release.js';

/** The example of a type with some members replaced. */
function example(type: EventType, change: object): unknown {
  const data: unknown = examplesByType().find((each) => each.type === type)?.examples[0];
  return { ...(data as object), ...change };
}

describe('the acceptance check', () => {
  test.each([
    ['FloatAdjusted', { amount: '92233720368547758.08' }, '/amount'],
    ['FloatAdjusted', { amount: '100000000000000000.00' }, '/amount'],
    ['FloatAdjusted', { amount: '1000000000000000.01' }, '/amount'],
    ['FloatAdjusted', { amount: '0.004' }, '/amount'],
    ['BrokerActivityImported', { amount: `1.${'0'.repeat(18)}1` }, '/amount'],
    ['BrokerActivityImported', { happenedAt: '2013-13-45T99:99:99.999Z' }, '/happenedAt'],
    ['BrokerActivityImported', { happenedAt: '2013-02-29T10:00:00.000Z' }, '/happenedAt'],
    ['OrderFilled', { quantity: `5.${'0'.repeat(18)}1` }, '/quantity'],
    ['OrderFilled', { quantity: '10000000000', price: '10000000000' }, '/quantity'],
    ['OrderFilled', { commission: '90000000000000000' }, '/quantity'],
    ['OrderFilled', { side: 'buy', positionEffect: 'close_long' }, '/positionEffect'],
    ['OrderFillCorrected', { side: 'sell', positionEffect: 'close_short' }, '/positionEffect'],
    ['FloatSnapshotTaken', { equity: '-92233720368547758.09' }, '/equity'],
    ['OpeningBalancesRecorded', { asOf: '2013-10-07T24:00:00.000Z' }, '/asOf'],
    ['OrderSubmitted', { attempt: 1e300 }, '/attempt'],
  ] as const)('%s with %j is refused at %s', (type, change, pointer) => {
    expect(refusalOf(type, example(type, change))).toEqual(expect.objectContaining({ pointer }));
  });

  test('opening positions and cash are bounded together', () => {
    const cost = '80000000000000000.00';
    const position = { symbol: 'AIG', quantity: '1', cost, basis: 'COST', acquiredAt: '2013-10-07T13:30:00.000Z' };
    const one = example('OpeningBalancesRecorded', { positions: [position] });
    const two = example('OpeningBalancesRecorded', { positions: [position, { ...position, symbol: 'AAPL' }] });
    expect(refusalOf('OpeningBalancesRecorded', one)).toBeUndefined();
    expect(refusalOf('OpeningBalancesRecorded', two)).toEqual(expect.objectContaining({ pointer: '/positions' }));
  });

  test('a figure in a list is named by its place', () => {
    const position = { symbol: 'AIG', quantity: '9'.repeat(20), cost: '1.00', basis: 'COST', acquiredAt: 'x' };
    const data = example('OpeningBalancesRecorded', { positions: [position] });
    expect(refusalOf('OpeningBalancesRecorded', data)?.pointer).toBe('/positions/0/quantity');
  });

  test('ninety thousand trillion dollars are exact and accepted', () => {
    const data = example('OpeningBalancesRecorded', { cash: '90000000000000000.00' });
    expect(refusalOf('OpeningBalancesRecorded', data)).toBeUndefined();
  });

  test('days and times are real', () => {
    expect(['2012-02-29', '2013-12-31'].map(isRealDate)).toEqual([true, true]);
    expect(['2013-02-29', '2013-13-01', '2013-10-7', '2013-10-07Z'].map(isRealDate)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(isRealTime('2013-10-07T23:59:59.999Z')).toBe(true);
    expect(isRealTime('2013-10-07T24:00:00.000Z')).toBe(false);
  });
});
