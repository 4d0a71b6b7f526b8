import { describe, expect, test } from '@jest/globals';
import { Subject } from 'rxjs';
import type { SimFault } from '../../src/adapters/broker-sim/faults.js';
import type { SimBroker } from '../../src/adapters/broker-sim/sim-broker.js';
import type { ClientOrderId } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { networkError } from '../../src/kernel/errors.js';
import { parseDateText } from '../../src/kernel/time.js';
import { wrapBroker, type Broker } from '../../src/ports/broker.js';
import type { BrokerUpdate } from '../../src/ports/order-entry.js';
import { after, DAY, home, played, timeOf } from './support/days.js';
import { brokerFacts, expectGoodBooks } from './support/oracle.js';

const ALL = { match: {}, times: 1_000 } as const;
const MIN = 1_000 * 60;

/** The broker with some changed responses. */
function changed(broker: SimBroker, changes: Partial<Broker>): Broker {
  return wrapBroker(broker, (_name, call) => call(), changes);
}

function secondsBetween(from: { readonly recordedAt: string }, to: { readonly recordedAt: string }): number {
  return (Date.parse(to.recordedAt) - Date.parse(from.recordedAt)) / 1_000;
}

describe('docs/FAILURES.md, orders and fills', () => {
  test('F1 fills during a disconnect are fetched on reconnect', async () => {
    const line = { kind: 'disconnect', from: after('14:51:00.100'), to: after('14:53:30.500') } as const;
    const day = await played({ faults: [line] });
    await expectGoodBooks(day, { trades: 4 });
    const [first] = await day.eventsOf('OrderFilled');
    expect(first?.occurredAt.slice(11, 16)).toBe('14:51');
    expect(first?.recordedAt.slice(11, 16)).toBe('14:53');
    expect(await day.eventsOf('BrokerSuspended')).toHaveLength(1);
    const resumed = await day.eventsOf('BrokerResumed');
    expect(resumed.map(({ data }) => data)).toEqual([{ fetched: 1, outageSeconds: 150 }]);
    expect((resumed[0]?.position ?? '') > (first?.position ?? '')).toBe(true);
  });

  test('F1 fills of a disconnect that outlasts the session are fetched before reconciliation', async () => {
    const day = await played({
      faults: [{ kind: 'disconnect', from: after('17:55:00.100'), to: after('22:00:00.000') }],
    });
    await expectGoodBooks(day, { trades: 4 });
    const closed = (await day.eventsOf('PositionClosed')).map(timeOf);
    expect(closed.slice(2)).toEqual(['21:00:00', '21:00:00']);
  });

  test('F1 a correction during a disconnect for a completed order is also fetched', async () => {
    const correct = {
      kind: 'correct',
      afterMs: 60_000,
      priceChange: Decimal.parse('0.05'),
      match: { nth: 1 },
    } as const;
    const line = { kind: 'disconnect', from: after('14:51:30.500'), to: after('14:54:30.500') } as const;
    const day = await played({ faults: [correct, line] });
    await expectGoodBooks(day, { trades: 4 });
    const [corrected] = await day.eventsOf('OrderFillCorrected');
    expect(corrected?.recordedAt.slice(11, 16)).toBe('14:54');
  });

  test('F2 an execution that the broker reports five times counts once', async () => {
    const reported: string[] = [];
    const day = await played({
      faults: [{ ...ALL, kind: 'duplicate_fill', times: 5 }],
      wrapBroker: (broker) => {
        broker.orderUpdates$.subscribe((update) => update.kind === 'filled' && reported.push(update.executionId));
        return broker;
      },
    });
    await expectGoodBooks(day, { trades: 1 });
    expect(reported.length).toBeGreaterThan(new Set(reported).size);
    expect((await day.eventsOf('OrderFilled')).map(({ data }) => data.executionId)).toEqual([...new Set(reported)]);
  });

  test('F3 missing fills and acknowledgements are found by querying order by order', async () => {
    const day = await played({
      faults: [
        { ...ALL, kind: 'drop_fill' },
        { ...ALL, kind: 'drop_ack' },
      ],
    });
    await expectGoodBooks(day, { trades: 4 });
    const fills = await day.eventsOf('OrderFilled');
    for (const { occurredAt, recordedAt } of fills) {
      const lateMs = Date.parse(recordedAt) - Date.parse(occurredAt);
      expect(lateMs).toBeGreaterThan(0);
      expect(lateMs).toBeLessThanOrEqual(2 * MIN);
    }
  });

  test('F3 a fill dropped before the cancel is noticed by its quantity and fetched', async () => {
    const day = await played({
      settings: { API_TIMEOUT: '300' },
      profile: { maxParticipation: 0.00001, partialFillProbability: 0 },
      faults: [{ kind: 'drop_fill', execution: 3, match: { purpose: 'entry' }, times: 10 }],
    });
    await expectGoodBooks(day, { trades: 2 });
    const unresolved = (await day.eventsOf('OrderUnresolved')).map(({ data }) => data.code);
    expect(unresolved).toContain('FILLS_MISSING');
    expect((await day.eventsOf('OrderResolved')).length).toBe(unresolved.length);
  });

  test('F4 nothing is sent while the update stream is down', async () => {
    const line = { from: after('14:50:30.500'), to: after('14:57:30.500'), refuses: 'nothing' } as const;
    const day = await played({ faults: [{ kind: 'disconnect', ...line }] });
    await expectGoodBooks(day, { trades: 3 });
    const [down] = await day.eventsOf('BrokerSuspended');
    const [up] = await day.eventsOf('BrokerResumed');
    const asked = day.store.requests(DAY).map(({ at }) => new Date(at).toISOString().slice(11));
    const sent = (await day.eventsOf('OrderSubmitted')).map(({ recordedAt }) => recordedAt);
    expect([down, up].map((event) => event?.occurredAt)).toEqual([
      '2026-01-06T14:50:30.500Z',
      '2026-01-06T14:57:30.500Z',
    ]);
    expect(sent.filter((at) => at >= '2026-01-06T14:50:30' && at < '2026-01-06T14:57:30')).toEqual([]);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((at) => at < '14:57:30.500')).toEqual([]);
    expect((await day.eventsOf('SignalTriggered')).some((event) => timeOf(event) === '14:51:00')).toBe(true);
  });

  test('F4 an exit due during a disconnect is intended immediately and sent after the reconnect', async () => {
    const day = await played({
      faults: [{ kind: 'disconnect', from: after('15:29:30.500'), to: after('15:40:30.500') }],
    });
    await expectGoodBooks(day, { trades: 4 });
    const exits = (await day.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'exit').slice(0, 2);
    const sent = (await day.eventsOf('OrderSubmitted')).filter(({ data }) =>
      exits.some((exit) => exit.data.clientOrderId === data.clientOrderId),
    );
    expect(exits.map(timeOf)).toEqual(['15:30:00', '15:30:00']);
    expect(sent.map(timeOf)).toEqual(['15:40:30', '15:40:30']);
  });

  test('F5 a fill during or after the cancel is kept, held and closed', async () => {
    const day = await played({
      profile: { maxParticipation: 0.00001, partialFillProbability: 0 },
      faults: [{ kind: 'fill_after_cancel', afterMs: 2_000, match: { purpose: 'entry' }, times: 10 }],
    });
    await expectGoodBooks(day, { trades: 2 });
    const cancelled = await day.eventsOf('OrderCancelled');
    const fills = await day.eventsOf('OrderFilled');
    const late = cancelled.filter(({ data, position }) =>
      fills.some((fill) => fill.data.clientOrderId === data.clientOrderId && fill.position > position),
    );
    expect(late.length).toBeGreaterThan(0);
  });

  test('F6 an accepted order without a response is queried and never sent again', async () => {
    const submits: string[] = [];
    const day = await played({
      faults: [{ ...ALL, kind: 'submit_timeout_accepted' }],
      wrapBroker: (broker) =>
        changed(broker, {
          submit: (order) => {
            submits.push(order.clientOrderId);
            return broker.submit(order);
          },
        }),
    });
    await expectGoodBooks(day, { trades: 4 });
    expect(new Set(submits).size).toBe(submits.length);
    const resolved = (await day.eventsOf('OrderResolved')).map(({ data }) => data.outcome);
    expect(resolved).toEqual(submits.map(() => 'found'));
    expect(await day.eventsOf('OrderUnresolved')).toHaveLength(submits.length);
  });

  test('F7 a lost order is sent again only after a query, API_TIMEOUT later', async () => {
    const day = await played({ faults: [{ kind: 'submit_timeout_lost', match: { nth: 1 } }] });
    await expectGoodBooks(day, { trades: 4 });
    const id = (await day.eventsOf('OrderUnresolved'))[0]?.data.clientOrderId;
    const life = (await day.events()).filter(({ stream }) => stream === `order-${id ?? ''}`);
    expect(life.slice(0, 4).map(({ type }) => type)).toEqual([
      'OrderIntended',
      'OrderUnresolved',
      'OrderResolved',
      'OrderSubmitted',
    ]);
    const [, unresolved, resolved, submitted] = life;
    expect(resolved?.data).toMatchObject({ outcome: 'not_found' });
    expect(submitted?.data).toMatchObject({ attempt: 2 });
    if (unresolved === undefined || resolved === undefined) throw new Error('the order has no such life');
    expect(secondsBetween(unresolved, resolved)).toBeGreaterThanOrEqual(30);
  });

  test('F7 a broker that finds an order only seconds after accepting it gets it once', async () => {
    const submits: string[] = [];
    const day = await played({ wrapBroker: (broker) => slowToFind(broker, submits, 20_000) });
    await expectGoodBooks(day, { trades: 4 });
    expect(submits.length).toBeGreaterThan(7);
    expect(new Set(submits).size).toBe(submits.length);
    expect((await day.eventsOf('OrderResolved')).every(({ data }) => data.outcome === 'found')).toBe(true);
  });

  test('F7 an order that is always lost is abandoned after API_RETRY_LIMIT', async () => {
    const day = await played({ faults: [{ kind: 'submit_timeout_lost', match: { purpose: 'entry' }, times: 1_000 }] });
    await expectGoodBooks(day, { trades: 0 });
    const rejected = await day.eventsOf('OrderRejected');
    expect(rejected.map(({ data }) => data.code)).toEqual(
      expect.arrayContaining(['BROKER_UNREACHABLE', 'ENTRY_WINDOW_CLOSED']),
    );
    const unresolved = await day.eventsOf('OrderUnresolved');
    for (const { data } of rejected) {
      expect(unresolved.filter((event) => event.data.clientOrderId === data.clientOrderId).length).toBeLessThan(6);
    }
  });

  test('F9 an execution inferred from a query and later received by the stream counts once', async () => {
    const day = await played({
      faults: [{ ...ALL, kind: 'drop_fill' }],
      wrapBroker: (broker) => {
        const late = new Subject<BrokerUpdate>();
        broker.orderUpdates$.subscribe(late);
        const orderByClientId = async (id: ClientOrderId): ReturnType<Broker['orderByClientId']> => {
          const known = await broker.orderByClientId(id);
          for (const update of known?.updates ?? []) late.next(update);
          return known;
        };
        return changed(broker, { orderUpdates$: late, orderByClientId });
      },
    });
    await expectGoodBooks(day, { trades: 4 });
  });

  test('F9 busts and corrections replace their execution, also after the position was closed', async () => {
    const faults: readonly SimFault[] = [
      { kind: 'correct', afterMs: 5_000, priceChange: Decimal.parse('0.05'), match: { nth: 1 } },
      { kind: 'correct', afterMs: 90_000, priceChange: Decimal.parse('-0.03'), match: { nth: 3 } },
      { kind: 'bust', afterMs: 45_000, match: { nth: 4 } },
    ];
    const day = await played({ faults });
    await expectGoodBooks(day, { trades: 5 });
    expect(await day.eventsOf('OrderFillCorrected')).toHaveLength(2);
    expect(await day.eventsOf('OrderFillBusted')).toHaveLength(1);
    const ends = (await day.eventsOf('PositionClosed')).map(({ data }) => data.symbol).sort();
    expect(ends).toEqual(['NOVQ', 'QRVS', 'QRVS', 'TLRX', 'TLRX', 'ZYNK']);
  });

  test.each([
    ['while the position is open', 10_000],
    ['after the close of the session', 10 * 3_600_000],
  ])('F9 an execution that the broker cancels and books again under its id counts once, %s', async (_name, afterMs) => {
    const again = { kind: 'rebook', afterMs, match: { nth: 1 } } as const;
    const day = await played({ faults: [again, { kind: 'duplicate_fill', times: 3, match: { nth: 1 } }] });
    await expectGoodBooks(day, { trades: 4 });
    const [bust] = await day.eventsOf('OrderFillBusted');
    const ofId = (await day.eventsOf('OrderFilled')).filter((fill) => fill.data.executionId === bust?.data.executionId);
    expect(ofId.map(({ data }) => data.commission === '0.00')).toEqual([false, true]);
    expect(new Set(ofId.map(({ id }) => id)).size).toBe(2);
  });

  test('F9 an entry that is cancelled and booked again after its exit sends no order for the moment between', async () => {
    const day = await played({ faults: [{ kind: 'rebook', afterMs: 50 * 60_000, match: { nth: 1 } }] });
    await expectGoodBooks(day, { trades: 4 });
    expect(await day.eventsOf('OrderFillBusted')).toHaveLength(1);
    expect(await day.eventsOf('OrderIntended')).toHaveLength(8);
  });

  test('F9 an execution booked again under its id during a disconnect is found by the query', async () => {
    const day = await played({
      faults: [
        { kind: 'rebook', afterMs: 10_000, match: { nth: 1 } },
        { kind: 'disconnect', from: 20 * 60_000, to: 45 * 60_000, refuses: 'nothing' },
      ],
    });
    await expectGoodBooks(day, { trades: 4 });
    expect(await day.eventsOf('OrderFillBusted')).toHaveLength(1);
  });

  test('F10 updates find their order by client id only: orders answered out of sequence keep their own fills', async () => {
    const day = await played({
      faults: [
        { kind: 'slow_ack', ms: 400_000, match: { nth: 1 } },
        { kind: 'fill_before_ack', match: { nth: 2 } },
      ],
    });
    await expectGoodBooks(day, { trades: 4 });
    const { fills } = await brokerFacts(day);
    const owner = new Map(fills.map(({ update }) => [update.executionId, update.clientOrderId]));
    const ours = await day.eventsOf('OrderFilled');
    for (const { data, stream, meta } of ours) {
      expect(owner.get(data.executionId)).toBe(data.clientOrderId);
      expect(stream).toBe(`order-${data.clientOrderId}`);
      expect(meta.correlationId).toBe(data.positionId);
    }
    expect(ours[0]?.data.symbol).toBe('QRVS');
  });

  test('a rejected order frees its slot for the next candidate (TRD-13)', async () => {
    const plain = await played({ settings: { MAX_TRADES: '1', WEIGHTS: '1' } });
    const day = await played({
      settings: { MAX_TRADES: '1', WEIGHTS: '1' },
      faults: [{ kind: 'reject', code: 'NOT_TODAY', message: 'the venue refuses', match: { nth: 1 } }],
    });
    const entered = async (each: typeof day): Promise<readonly string[]> =>
      (await each.eventsOf('PositionOpened'))
        .filter(({ data }) => data.strategy === 'open')
        .map(({ data }) => data.symbol);
    expect(await entered(plain)).toEqual(['TLRX']);
    expect(await entered(day)).toEqual(['QRVS']);
    await expectGoodBooks(day, { trades: 1 });
    expect((await day.eventsOf('OrderRejected')).map(({ data }) => data.code)).toEqual(['NOT_TODAY']);
  });

  test('in the same minute a candidate waiting for the last slot gets it when the earlier order is rejected (TRD-13)', async () => {
    const half = parseDateText('2015-12-24');
    const settings = { MAX_TRADES: '2', WEIGHTS: '0.5,0.5', STRATEGY_OVERRIDE: 'open' };
    const reject = { kind: 'reject', code: 'NOT_TODAY', message: 'the venue refuses', match: { nth: 2 } } as const;
    const symbols: string[][] = [];
    for (const faults of [[], [reject]]) {
      const day = home({ seed: 3, settings, faults });
      await day.run(half);
      await expectGoodBooks(day, { trades: 2 });
      symbols.push(
        (await day.eventsOf('PositionOpened')).map(
          ({ data, recordedAt }) => `${data.symbol} ${recordedAt.slice(11, 16)}`,
        ),
      );
    }
    expect(symbols).toEqual([
      ['TLRX 14:52', 'ZYNK 14:55'],
      ['TLRX 14:52', 'HMGR 14:56'],
    ]);
  });

  test('a cancel that fails on the connection is sent again after API_TIMEOUT', async () => {
    const cancels: string[] = [];
    const day = await played({
      profile: { maxParticipation: 0.00001, partialFillProbability: 0 },
      wrapBroker: (broker) =>
        changed(broker, {
          cancel: (id) => {
            cancels.push(id);
            if (cancels.filter((other) => other === id).length > 1) return broker.cancel(id);
            const facts = { code: 'CONNECTION_LOST', message: 'the line is down', remedy: 'Try again.' };
            return Promise.reject(networkError('retry', facts));
          },
        }),
    });
    await expectGoodBooks(day, { trades: 2 });
    const requested = await day.eventsOf('OrderCancelRequested');
    const cancelled = await day.eventsOf('OrderCancelled');
    expect(requested.length).toBeGreaterThan(0);
    for (const { data, recordedAt } of cancelled) {
      const request = requested.find((event) => event.data.clientOrderId === data.clientOrderId);
      if (request !== undefined) expect(secondsBetween(request, { recordedAt })).toBeGreaterThanOrEqual(30);
    }
    expect(cancels.length).toBeLessThanOrEqual(2 * requested.length);
  });

  test('a submit that fails on the connection is retried later, a limited number of times', async () => {
    let refusals = 0;
    const day = home({
      wrapBroker: (broker) =>
        changed(broker, {
          submit: (order) => {
            if (order.positionEffect !== 'open_long') return broker.submit(order);
            refusals += 1;
            const facts = { code: 'CONNECTION_LOST', message: 'the line is down', remedy: 'Try again.' };
            return Promise.reject(networkError('retry', facts));
          },
        }),
    });
    await day.run(DAY);
    await expectGoodBooks(day, { trades: 3 });
    expect(refusals).toBe(4);
    const [refused, ...others] = await day.eventsOf('OrderRejected');
    expect(others).toEqual([]);
    expect(refused?.data.code).toBe('BROKER_UNREACHABLE');
    expect(refused?.data.message).toMatch(/^never accepted: \d+ attempts failed, the last one: \w+/);
  });
});

/** Accepts every order, never responds, and reports "not found" for a while: not read-your-writes. */
function slowToFind(broker: SimBroker, submits: string[], forMs: number): Broker {
  const takenAt = new Map<string, number>();
  return changed(broker, {
    submit: async (order) => {
      submits.push(order.clientOrderId);
      takenAt.set(order.clientOrderId, await broker.clock());
      await broker.submit(order);
      throw networkError('reconcile', { code: 'NO_ANSWER', message: 'no answer', remedy: 'Ask.' });
    },
    orderByClientId: async (id) => {
      const since = (await broker.clock()) - (takenAt.get(id) ?? 0);
      return since < forMs ? undefined : broker.orderByClientId(id);
    },
  });
}
