import { expect, test } from '@jest/globals';
import { BrokerMeter } from '../../../src/app/health/broker-meter.js';
import { networkError } from '../../../src/kernel/errors.js';

const errorShare = async (codes: readonly string[]): Promise<number | undefined> => {
  const meter = new BrokerMeter({ elapsedMs: () => 0 });
  for (const code of codes) {
    const fault = networkError('retry', { code, message: code, remedy: 'Ask again.' });
    await expect(meter.measure(() => Promise.reject(fault))).rejects.toBe(fault);
  }
  return meter.sample()['errorPct'];
};

test.each([
  'RATE_BUDGET_SPENT',
  'RATE_LIMITED',
  'ORDER_NOT_SHOWN_YET',
  'ORDER_UNDER_WAY',
  'OPPOSITE_ORDER_OPEN',
  'STREAM_DOWN',
])('calls that ended with %s are no outage: it would hold the closing orders', async (code) => {
  expect(await errorShare([code, code, code])).toBe(0);
});

test('calls without an answer are an outage', async () => {
  expect(await errorShare(['NO_ANSWER', 'RATE_BUDGET_SPENT', 'NOT_SENT', 'BROKER_UNAVAILABLE'])).toBe(75);
});
