import { expect, test } from '@jest/globals';
import { brokerFigures } from '../../../src/app/live/broker-figures.js';
import type { Broker } from '../../../src/ports/broker.js';

test('a real account reports what it can do and its free calls; a simulated one reports nothing', () => {
  const capabilities = { shortSell: true, fractional: false, options: true, bulkCancel: true, orderCallsPerMinute: 60 };
  const broker = { capabilities, budget: () => ({ left: 17 }) } as unknown as Broker;
  expect(brokerFigures(broker)).toEqual({
    broker_can: 'short sales, options, one call that cancels all orders',
    ...{ broker_calls_left: '17', broker_calls_per_minute: '60' },
  });
  const unlimited = { capabilities: { ...capabilities, orderCallsPerMinute: null } } as unknown as Broker;
  expect(Object.keys(brokerFigures(unlimited))).toEqual(['broker_can']);
  expect(brokerFigures(undefined)).toEqual({});
});
