import { describe, expect, test } from '@jest/globals';
import type { SimBroker } from '../../src/adapters/broker-sim/sim-broker.js';
import { networkError } from '../../src/kernel/errors.js';
import { wrapBroker, type AroundCall, type Broker } from '../../src/ports/broker.js';
import { Cut } from './support/crash.js';
import { liveHome } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

type Method = 'connect' | 'account' | 'positions' | 'asset' | 'activities' | 'orderByClientId' | 'submit';
type Fault = (nth: number) => Promise<never> | undefined;

const refused = (): Promise<never> =>
  Promise.reject(Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' }));
const busy = (): Promise<never> =>
  Promise.reject(networkError('retry', { code: 'TOO_MANY_REQUESTS', message: 'too many', remedy: 'Wait.' }));
const hang = (): Promise<never> => new Promise(() => undefined);

/** A broker that fails as configured, by the number of calls of a method. */
function failing(faults: Partial<Record<Method, Fault>>): {
  wrapBroker: (broker: SimBroker) => Broker;
  calls: string[];
} {
  const calls: string[] = [];
  const around: AroundCall = (name, call) => {
    calls.push(name);
    const fault = faults[name as Method]?.(calls.filter((each) => each === name).length);
    return fault ?? call();
  };
  return { wrapBroker: (broker) => wrapBroker(broker, around), calls };
}

describe('a short broker outage (RUN-40)', () => {
  test.each(['connect', 'account', 'positions', 'asset', 'activities'] as const)(
    '%s is retried, and the day is traded normally',
    async (method) => {
      const live = liveHome(failing({ [method]: (nth: number) => [refused, busy][nth - 1]?.() }));
      const { session } = await live.start();
      expect(await session.run()).toBe('closed');
      const state = await expectGoodBooks(live.home, { trades: 4 });
      expect(state.session?.reconciled?.ok).toBe(true);
    },
  );

  test('a call that hangs is abandoned after API_TIMEOUT and retried', async () => {
    const live = liveHome(failing({ account: (nth) => (nth === 1 ? hang() : undefined) }));
    const { session } = await live.start();
    expect(await session.run()).toBe('closed');
    const [opened] = await live.eventsOf('OpeningBalancesRecorded');
    expect(opened?.recordedAt.slice(11, 19)).toBe('14:29:59');
    const [session1] = await live.eventsOf('SessionOpened');
    expect(session1?.data.openingEquity).toBe('100000.00');
    await expectGoodBooks(live.home, { trades: 4 });
  });

  test('an order is not retried: its status is queried first', async () => {
    const { wrapBroker, calls } = failing({ submit: (nth) => (nth === 1 ? hang() : undefined) });
    const live = liveHome({ wrapBroker });
    const { session } = await live.start();
    expect(await session.run()).toBe('closed');
    const [first, second] = calls.filter((name) => name === 'submit' || name === 'orderByClientId');
    expect([first, second]).toEqual(['submit', 'orderByClientId']);
  });
});

describe('a long broker outage', () => {
  test.each([
    ['refuses the line', refused, { kind: 'NetworkError', code: 'ECONNREFUSED' }],
    ['says that it is busy', busy, { kind: 'NetworkError', code: 'TOO_MANY_REQUESTS' }],
    ['hangs', hang, { kind: 'NetworkError', code: 'API_TIMEOUT' }],
  ])(
    '%s: the session is blocked with cause and remedy, and continues when the broker is back',
    async (_, fault, error) => {
      const { wrapBroker, calls } = failing({ connect: fault });
      const live = liveHome({});
      const { session, pacer } = await live.start({ wrapBroker });
      const began = pacer.now();
      await expect(session.run()).rejects.toMatchObject({ ...error, remedy: expect.stringMatching(/\w{3}/) });
      expect(calls).toEqual(['connect', 'connect', 'connect', 'connect']);
      expect(pacer.now() - began).toBeLessThan(130_000);
      expect(await live.eventsOf('SessionOpened')).toEqual([]);
      const again = await live.start({ startsAt: '14:35:00.000' });
      expect(await again.session.run()).toBe('closed');
      await expectGoodBooks(live.home, { trades: 4 });
    },
  );
});

describe('a restart with a slow broker', () => {
  test('a kill interrupts the order queries', async () => {
    const live = liveHome({});
    const first = await live.start();
    first.pacer.plan(live.at('15:00:30.000'), () => {
      throw new Cut();
    });
    await expect(first.session.run()).rejects.toBeInstanceOf(Cut);
    const { wrapBroker, calls } = failing({ orderByClientId: hang });
    const life = await live.start({ startsAt: '15:02:00.250', wrapBroker });
    life.pacer.plan(live.at('15:02:05.000'), () => void life.session.kill('by hand', 'user:admin'));
    let asked = 0;
    life.pacer.plan(live.at('15:02:04.000'), () => {
      asked = calls.filter((name) => name === 'orderByClientId').length;
    });
    await life.session.run();
    expect(asked).toBe(
      (await live.eventsOf('OrderIntended')).filter(({ occurredAt }) => occurredAt < '2026-01-06T15:02').length,
    );
    const killed = (await live.eventsOf('BotStateChanged')).find(({ data }) => data.to.startsWith('emergency'));
    expect(killed?.occurredAt.slice(11, 19)).toBe('15:02:05');
    const closing = (await live.eventsOf('OrderIntended')).filter(({ occurredAt }) => occurredAt > '2026-01-06T15:02');
    expect(closing.map(({ occurredAt }) => occurredAt.slice(11, 19))).toEqual(['15:02:05', '15:02:05']);
  });
});
