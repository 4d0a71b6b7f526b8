import { describe, expect, test } from '@jest/globals';
import { endOf } from '../../../src/app/execution/broker-reports.js';
import { maybeFoundUntil, whenMissing } from '../../../src/app/execution/missing-orders.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { epochMs, plusMs } from '../../../src/kernel/time.js';
import type { BrokerOrder, BrokerOrderStatus } from '../../../src/ports/order-entry.js';
import { newEffectMemory } from '../../../src/trading/orders/effect-memory.js';
import { ID, orderAfter } from '../orders/support.js';

function answer(status: BrokerOrderStatus, filled: number): BrokerOrder {
  return { clientOrderId: ID, brokerOrderId: 'BO-1', status, filledQuantity: Decimal.of(filled), updates: [] };
}

describe('the end of an order that only its status at the broker shows', () => {
  const partly = orderAfter('handedOver', 'acknowledged', 'fillOf4');

  test.each([
    ['filled', 4, 'cancelled'],
    ['cancelled', 4, 'cancelled'],
    ['expired', 4, 'cancelled'],
    ['rejected', 4, 'rejected'],
    // an execution is missing: it is asked for again
    ['filled', 10, undefined],
    ['working', 4, undefined],
    ['accepted', 4, undefined],
  ] as const)('%s with %i shares: %s', (status, filled, ends) => {
    expect(endOf(partly, answer(status, filled))?.kind).toBe(ends);
  });

  test('an order that has ended here does not end again', () => {
    const done = orderAfter('handedOver', 'fillOf4', 'otherFillOf6');
    expect(endOf(done, answer('filled', 10))).toBeUndefined();
  });
});

describe('how long an order without an answer may still appear at the broker (F7)', () => {
  const now = epochMs(1_000_000);
  const unresolved = orderAfter('noAnswer');
  const intended = orderAfter();
  const ask = (findableAfterMs: number | undefined, ms: number, order = unresolved) => {
    const memory = newEffectMemory();
    const context = { memory, settings: parseSettings({ API_TIMEOUT: '5' }) };
    const at = (time: number) => ({
      capabilities: { ...(findableAfterMs === undefined ? {} : { findableAfterMs }) } as never,
      now: epochMs(time),
    });
    const state = { newsAt: new Map([[ID, now]]) };
    maybeFoundUntil(order, state, context, at(now));
    return maybeFoundUntil(order, state, context, at(now + ms));
  };

  test.each([
    ['a broker that shows it at once: until API_TIMEOUT has passed', 0, 5_000],
    ['a broker that shows it within 20 s', 20_000, 20_000],
    ['a broker that does not say', undefined, 60_000],
  ] as const)('%s', (_broker, findableAfterMs, afterMs) => {
    expect(ask(findableAfterMs, afterMs - 1)).toBe(plusMs(now, afterMs));
    expect(ask(findableAfterMs, afterMs)).toBeUndefined();
  });

  test('one that an earlier process may have sent: from the moment on that this process missed it', () => {
    expect(ask(0, 0, intended)).toBeUndefined();
    expect(ask(20_000, 19_999, intended)).toBe(plusMs(now, 20_000));
    expect(ask(20_000, 20_000, intended)).toBeUndefined();
  });
});

describe('"not found" for an order whose request is under way (P1)', () => {
  const now = epochMs(1_000_000);
  const missing = (order = orderAfter(), isUnderWay = true) => {
    const memory = newEffectMemory();
    if (isUnderWay) memory.inFlight.set(ID, now);
    const context = { memory, settings: parseSettings({ API_TIMEOUT: '5' }), strategyContext: { opensAt: now } };
    const at = { capabilities: { findableAfterMs: 0 } as never, now: plusMs(now, 6_000) };
    const command = whenMissing(order, { newsAt: new Map([[ID, now]]) }, context as never, at);
    return { command, isUnderWay: memory.inFlight.has(ID) };
  };

  test('it says nothing before the send is doubted: the request may not have left', () => {
    expect(missing()).toEqual({ command: 'ask later', isUnderWay: true });
  });

  test('after that it counts, and the next send has a time of its own', () => {
    expect(missing(orderAfter('noAnswer'))).toEqual({ command: { kind: 'brokerDoesNotKnow' }, isUnderWay: false });
  });

  test('without a send of this process it counts at once', () => {
    expect(missing(orderAfter(), false).command).toEqual({ kind: 'brokerDoesNotKnow' });
  });
});
