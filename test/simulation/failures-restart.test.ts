import { describe, expect, test } from '@jest/globals';
import type { SimFault } from '../../src/adapters/broker-sim/faults.js';
import { parseSymbol } from '../../src/events/names.js';
import type { EventType } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { deathAt, runThroughDeaths, story, type Death } from './support/crash.js';
import { after, DAY, home, NEXT_DAY, played } from './support/days.js';
import { brokerFacts, expectGoodBooks, standingExecutions } from './support/oracle.js';
import type { DayHarness } from './support/day-harness.js';

/** So little volume that entries work for minutes and exits take several fills. */
const THIN = { maxParticipation: 0.00001, partialFillProbability: 0 };

async function died(harness: DayHarness, deaths: readonly Death[]): Promise<DayHarness> {
  expect(await runThroughDeaths(harness, DAY, deaths)).toBe(deaths.length);
  return harness;
}

describe('docs/FAILURES.md, restarts', () => {
  test('F8 restarts while orders work change nothing: no invented fill, no lost order, always the same result', async () => {
    const wanted = story(await (await played({ profile: THIN })).events());
    const deaths = [
      [deathAt('OrderFilled', 3), deathAt('OrderFilled', 9, 'before'), deathAt('OrderCancelRequested', 1)],
      [deathAt('OrderSubmitted', 2, 'before'), deathAt('OrderFilled', 20), deathAt('PositionClosed', 1, 'before')],
    ];
    for (const three of deaths) {
      const day = await died(home({ profile: THIN }), three);
      await expectGoodBooks(day, { trades: 3 });
      expect(story(await day.events())).toEqual(wanted);
      expect(await day.eventsOf('ProcessCrashed')).toHaveLength(3);
    }
  });

  test('F8 a position of the previous day is carried over unchanged, however old its orders are', async () => {
    const faults: readonly SimFault[] = [
      { kind: 'reject', code: 'NO', message: 'no', match: { purpose: 'exit' }, times: 1_000 },
    ];
    const day = home({ seed: 4, faults, settings: { STRATEGY_OVERRIDE: 'close' } });
    await day.run(DAY);
    const held = (await brokerFacts(day)).positions;
    expect(held.length).toBeGreaterThan(0);
    day.options = { ...day.options, faults: [] };
    await day.run(NEXT_DAY);
    const state = await expectGoodBooks(day, { trades: held.length });
    expect([...state.positions.values()].filter(({ quantity }) => !quantity.isZero())).toEqual([]);
  });

  test('F11 an order and a close by hand are booked as executions of others, and no order is invented', async () => {
    const outside: SimFault = {
      kind: 'outside_order',
      at: after('16:00:00.500'),
      symbol: parseSymbol('HMGR'),
      side: 'buy',
      quantity: Decimal.parse('3'),
      reported: true,
    };
    const manual: SimFault = { kind: 'manual_close', at: after('15:10:00.500'), symbol: parseSymbol('QRVS') };
    const day = await played({ faults: [outside, manual] });
    const state = await expectGoodBooks(day, { trades: 3, left: ['HMGR 3'] });
    const booked = (await day.eventsOf('ForeignFillBooked')).map(({ data }) => [
      `${data.side} ${data.quantity} ${data.symbol}`,
      data.source,
      data.positions.map(({ quantity }) => quantity),
    ]);
    expect(booked).toEqual([
      ['buy 2 QRVS', 'activity', ['2']],
      ['buy 3 HMGR', 'report', []],
    ]);
    expect(state.foreign.shares).toEqual({ HMGR: '3' });
    const closed = (await day.eventsOf('PositionClosed')).find(({ data }) => data.symbol === 'QRVS');
    expect(closed?.data).toMatchObject({ exitReason: 'manual', quantity: '2' });
    expect(await day.eventsOf('BooksMismatchFound')).toEqual([]);
    expect((await day.eventsOf('SessionClosed'))[0]?.data).toMatchObject({ reconciled: true, openPositions: [] });
    const known = new Set((await day.eventsOf('OrderIntended')).map(({ data }) => data.clientOrderId));
    expect((await day.eventsOf('OrderFilled')).every(({ data }) => known.has(data.clientOrderId))).toBe(true);
    expect((await day.eventsOf('OrderFilled')).map(({ data }) => data.symbol)).not.toContain('HMGR');
    day.options = { ...day.options, faults: [] };
    expect(await day.run(NEXT_DAY)).toMatchObject({ outcome: 'traded' });
    expect((await day.eventsOf('SessionClosed')).map(({ data }) => data.date)).toEqual([DAY, NEXT_DAY]);
    await expectGoodBooks(day, { trades: 5, left: ['HMGR 3'] });
  });

  test('F11 a resting order at the broker without an id in the journal does not block the day of a killed bot', async () => {
    const outside: SimFault = {
      kind: 'outside_order',
      at: after('14:40:00.500'),
      symbol: parseSymbol('TLRX'),
      side: 'buy',
      quantity: Decimal.parse('1'),
      limitPrice: Decimal.parse('1.00'),
      reported: true,
    };
    const day = await died(home({ faults: [outside] }), [deathAt('ForeignOrderSeen', 1), deathAt('OrderFilled', 2)]);
    // the symbol of the other order is left out, the others are traded
    await expectGoodBooks(day, { trades: 3 });
    expect((await day.eventsOf('CandidateRejected')).map(({ data }) => data.code)).toContain('SHARED_SYMBOL');
    const seen = (await day.eventsOf('ForeignOrderSeen')).map(({ data }) => `${data.symbol} ${data.state}`);
    expect(seen).toEqual(['TLRX working', 'TLRX gone']);
  });

  test('F12 holdings are not doubled by a second deployment: openings, floats and entries are recorded once', async () => {
    const day = await died(home(), [
      deathAt('OpeningBalancesRecorded', 1),
      deathAt('FloatAdjusted', 1),
      deathAt('SessionOpened', 1),
      deathAt('PositionOpened', 1),
      deathAt('PositionOpened', 2),
    ]);
    await day.run(NEXT_DAY);
    await expectGoodBooks(day, { trades: 4 });
    expect(await day.eventsOf('OpeningBalancesRecorded')).toHaveLength(1);
    expect(await day.eventsOf('FloatAdjusted')).toHaveLength(1);
    const opened = (await day.eventsOf('PositionOpened')).map(({ data }) => data.positionId);
    expect(new Set(opened).size).toBe(opened.length);
  });

  test('F13 stops and targets survive a restart, history is not repeated, and no trade is reported twice', async () => {
    const types: readonly EventType[] = ['TrailingStopMoved', 'PositionClosed', 'SignalTriggered', 'OrderFilled'];
    const plain = await played({ seed: 4 });
    const day = await died(home({ seed: 4 }), [
      deathAt('TrailingStopMoved', 2),
      deathAt('TrailingStopMoved', 5, 'before'),
      deathAt('TrailingStopMoved', 1),
      deathAt('PositionClosed', 1, 'before'),
      deathAt('SessionClosed', 1, 'before'),
    ]);
    for (const type of types) expect(story(await day.eventsOf(type))).toEqual(story(await plain.eventsOf(type)));
    expect((await day.eventsOf('PositionClosed')).map(({ data }) => data.exitReason)).toContain('stop_loss');
    await expectGoodBooks(day, { trades: 6 });
  });

  test('F14 the result and opening equity of the day survive restarts and carry into the next day', async () => {
    const plain = await played({ seed: 4 });
    const day = await died(home({ seed: 4 }), [deathAt('PositionClosed', 2), deathAt('PositionClosed', 2)]);
    const closed = (each: DayHarness): Promise<unknown> =>
      each.eventsOf('SessionClosed').then((events) => events.map(({ data }) => data));
    expect(await closed(day)).toEqual(await closed(plain));
    await day.run(NEXT_DAY);
    await plain.run(NEXT_DAY);
    const opened = (await day.eventsOf('SessionOpened')).map(({ data }) => data);
    expect(opened).toEqual((await plain.eventsOf('SessionOpened')).map(({ data }) => data));
    expect(opened).toHaveLength(2);
    const lastCash = (await plain.eventsOf('ReconciliationCompleted'))[0]?.data.cashBroker;
    expect(opened.map(({ openingEquity }) => openingEquity)).toEqual(['100000.00', lastCash]);
    expect(await closed(day)).toEqual(await closed(plain));
    await expectGoodBooks(day, { trades: 6 });
  });
});

/** Every 31st append here; all of them with `npm run soak`. */
const STEP = process.env['TRADEBOT_SOAK'] === '1' ? 1 : 31;

describe('crashes on top of faults', () => {
  const everything: readonly SimFault[] = [
    { kind: 'submit_timeout_accepted', match: { nth: 1 } },
    { kind: 'submit_timeout_lost', match: { nth: 2 } },
    { kind: 'drop_fill', match: { nth: 4 } },
    { kind: 'duplicate_fill', times: 3, match: { symbol: parseSymbol('TLRX') } },
    { kind: 'submit_timeout_accepted', match: { nth: 5 } },
    { kind: 'disconnect', from: after('17:16:00.100'), to: after('17:30:00.500') },
    { kind: 'correct', afterMs: 30_000, priceChange: Decimal.parse('0.02'), match: { nth: 7 } },
  ];
  /** Results that a crash must not change; the number of broker queries may differ. */
  async function ends(day: DayHarness): Promise<unknown> {
    return {
      executions: await standingExecutions(day),
      closed: (await day.eventsOf('PositionClosed')).map(({ data }) => data),
      sessions: (await day.eventsOf('SessionClosed')).map(({ data }) => data),
    };
  }

  test('a crash at any of many points of a day full of faults gives the same trades and correct books', async () => {
    const plain = await played({ faults: everything });
    await expectGoodBooks(plain, { trades: 4 });
    const wanted = await ends(plain);
    const appends = (await plain.events()).length;
    for (let nth = 17; nth < appends; nth += STEP) {
      for (const when of ['before', 'after'] as const) {
        const day = home({ faults: everything });
        const deaths = await runThroughDeaths(day, DAY, [{ when, at: (_type, count) => count === nth }]);
        if (deaths === 0) continue;
        await expectGoodBooks(day, { trades: 4 });
        expect({ nth, when, ends: await ends(day) }).toEqual({ nth, when, ends: wanted });
      }
    }
  });

  test.each(['OrderIntended', 'OrderUnresolved', 'OrderResolved', 'OrderSubmitted'] as const)(
    'a crash at each %s, with every submit unanswered, sends no order twice',
    async (type) => {
      const faults: readonly SimFault[] = [{ kind: 'submit_timeout_accepted', match: {}, times: 1_000 }];
      const plain = await ends(await played({ faults }));
      for (const when of ['before', 'after'] as const) {
        for (const nth of [1, 3]) {
          const day = home({ faults });
          await runThroughDeaths(day, DAY, [deathAt(type, nth, when)]);
          await expectGoodBooks(day, { trades: 4 });
          expect(await ends(day)).toEqual(plain);
        }
      }
    },
  );
});
