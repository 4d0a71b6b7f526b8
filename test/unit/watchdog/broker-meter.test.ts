import { expect, test } from '@jest/globals';
import { NEVER } from 'rxjs';
import { BrokerMeter } from '../../../src/app/health/broker-meter.js';
import { WatchedBroker } from '../../../src/app/health/watched-broker.js';
import { parseSymbol, type ClientOrderId } from '../../../src/events/names.js';
import { networkError } from '../../../src/kernel/errors.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { OptionQuestion } from '../../../src/ports/reference-data.js';

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

test('a chain of options waits for quotes that nobody may make: it counts as no slow broker (TRD-31)', async () => {
  const stopwatch = { elapsedMs: () => 0 };
  const meter = new BrokerMeter(stopwatch);
  const pending = new Promise<never>(() => undefined);
  const inner = {
    code: 'IBKR',
    capabilities: {},
    orderUpdates$: NEVER,
    status$: NEVER,
    optionChain: () => pending,
    positions: () => pending,
  };
  const { broker } = new WatchedBroker(inner as unknown as Broker, meter);
  void broker.optionChain?.(parseSymbol('SPY'), {} as OptionQuestion);
  expect(meter.sample()['latencyMs']).toBeUndefined();
  void broker.positions();
  expect(meter.sample()['latencyMs']).toBe(0);
});

test('the proof that the broker does not have an order takes its time on purpose: what is beyond it is slow', () => {
  let elapsedMs = 0;
  const meter = new BrokerMeter({ elapsedMs: () => elapsedMs });
  const pending = new Promise<never>(() => undefined);
  const inner = {
    code: 'TRADIER',
    capabilities: { absenceProofMs: 45_000 },
    orderUpdates$: NEVER,
    status$: NEVER,
    orderByClientId: () => pending,
    positions: () => pending,
  };
  const { broker } = new WatchedBroker(inner as unknown as Broker, meter);
  const latencyAt = (ms: number): unknown => {
    elapsedMs = ms;
    return meter.sample()['latencyMs'];
  };
  void broker.orderByClientId('DEMO-1' as ClientOrderId);
  expect([latencyAt(0), latencyAt(45_000), latencyAt(66_000)]).toEqual([0, 0, 21_000]);
  // other calls have no such time
  void broker.positions();
  expect(latencyAt(90_000)).toBe(45_000);
});
