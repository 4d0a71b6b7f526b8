import { describe, expect, test } from '@jest/globals';
import type { BrokerDay } from '../../../src/domain/calendar/broker-day.js';
import type { EventType } from '../../../src/events/event.js';
import { epochMs, type DateText } from '../../../src/kernel/time.js';
import { at, LoopWorld } from './support.js';

const HURRICANE: BrokerDay = { kind: 'closed', reason: 'a hurricane' };
const hours = (from: string, to: string): BrokerDay => ({ kind: 'open', opensAt: at(from), closesAt: at(to) });

/** A world on a Monday before the open, with a broker that answers for some days; other days fail. */
async function worldWith(
  days: Readonly<Record<string, BrokerDay | (() => Promise<BrokerDay>)>>,
  start = '2013-10-07T12:00',
): Promise<LoopWorld & { readonly asked: DateText[] }> {
  const world = await new LoopWorld(start).stand('provisioning', 'bootstrapping', 'started', 'idle');
  return answering(world, days);
}

function answering(
  world: LoopWorld,
  days: Readonly<Record<string, BrokerDay | (() => Promise<BrokerDay>)>>,
): LoopWorld & { readonly asked: DateText[] } {
  const asked: DateText[] = [];
  world.broker.calendar = (date) => {
    asked.push(date);
    const day = days[date];
    if (day === undefined) return Promise.reject(new Error('it has no such day'));
    return typeof day === 'function' ? day() : Promise.resolve(day);
  };
  return Object.assign(world, { asked });
}

async function dataOf(world: LoopWorld, type: EventType): Promise<readonly unknown[]> {
  return (await world.journal.readAll({ filter: { types: [type] } })).map(({ data }) => data);
}

async function errors(world: LoopWorld): Promise<readonly string[]> {
  const events = await world.journal.readAll({ filter: { types: ['ErrorRecorded'] } });
  return events.map((event) =>
    event.type === 'ErrorRecorded' ? `${event.data.errorCode}: ${event.data.message}` : '',
  );
}

const TUESDAY = hours('2013-10-08T13:30', '2013-10-08T20:00');

describe('the calendar of the broker', () => {
  test('a day on which it has the exchange closed has no session, once, and the next day is traded', async () => {
    const world = await worldWith({ '2013-10-07': HURRICANE, '2013-10-08': TUESDAY });
    expect(await world.runUntil('2013-10-08T14:00')).toEqual([
      'session 2013-10-08 from 13:30',
      'shutdown in the session',
    ]);
    expect(await dataOf(world, 'SessionLeftOut')).toEqual([
      {
        date: '2013-10-07',
        reason: 'the broker reports that the exchange is closed: a hurricane',
        nextSession: '2013-10-08',
      },
    ]);
    expect((await errors(world)).map((text) => text.slice(0, 92))).toEqual([
      'EXCHANGE_HOURS_DIFFER: the broker reports 2013-10-07 as closed (a hurricane), the embedded c',
    ]);
    expect(world.asked).toEqual(['2013-10-07', '2013-10-08']);
  });

  test('another process on that day leaves it out too, and reports nothing again', async () => {
    const first = await worldWith({ '2013-10-07': HURRICANE });
    await first.runUntil('2013-10-07T14:00');
    const second = answering(new LoopWorld('2013-10-07T15:00', first.journal), { '2013-10-07': HURRICANE });
    expect(await second.runUntil('2013-10-07T16:00')).toEqual([]);
    expect(await dataOf(second, 'SessionLeftOut')).toHaveLength(1);
    expect(await errors(second)).toHaveLength(1);
  });

  test('an early close ends the session, also after a restart that the broker does not answer', async () => {
    const short = hours('2013-10-07T13:30', '2013-10-07T17:00');
    const first = await worldWith({ '2013-10-07': short });
    await first.runUntil('2013-10-07T15:00');
    const second = answering(new LoopWorld('2013-10-07T15:01', first.journal), {});
    await second.runUntil('2013-10-07T18:00');
    expect(await dataOf(second, 'SessionOpened')).toMatchObject([
      { opensAt: '2013-10-07T13:30:00.000Z', closesAt: '2013-10-07T17:00:00.000Z', halfDay: true },
    ]);
    expect(await dataOf(second, 'SessionClosed')).toHaveLength(1);
    expect(second.asked).not.toContain('2013-10-07');
  });

  test('a bot started after the early close waits for the next day', async () => {
    const world = await worldWith(
      { '2013-10-07': hours('2013-10-07T13:30', '2013-10-07T17:00'), '2013-10-08': TUESDAY },
      '2013-10-07T18:00',
    );
    expect(await world.runUntil('2013-10-08T14:00')).toEqual([
      'session 2013-10-08 from 13:30',
      'shutdown in the session',
    ]);
  });

  test('it never makes a session longer, and a difference is reported', async () => {
    const world = await worldWith({ '2013-10-07': hours('2013-10-07T08:00', '2013-10-08T00:00') });
    await world.runUntil('2013-10-07T21:00');
    expect(await dataOf(world, 'SessionOpened')).toMatchObject([
      { opensAt: '2013-10-07T13:30:00.000Z', closesAt: '2013-10-07T20:00:00.000Z', halfDay: false },
    ]);
    expect((await errors(world)).filter((text) => text.startsWith('EXCHANGE_HOURS_DIFFER'))).toHaveLength(1);
  });

  test.each([
    [
      'fails',
      (): Promise<BrokerDay> => Promise.reject(new Error('password=hunter2 is refused')),
      'password=*** is refused',
    ],
    ['never answers', (): Promise<BrokerDay> => new Promise(() => undefined), 'it did not answer within 30 s'],
    ['answers for another day', () => Promise.resolve(TUESDAY), 'are not on 2013-10-07 in New York'],
    [
      'answers with no time',
      () => Promise.resolve({ kind: 'open', opensAt: Number.NaN, closesAt: epochMs(1) } as BrokerDay),
      'its hours are not times',
    ],
    [
      'closes before it opens',
      () => Promise.resolve(hours('2013-10-07T20:00', '2013-10-07T13:30')),
      'before it opens at 2013-10-07T20:00:00.000Z',
    ],
  ])('one that %s leaves the embedded calendar in force, and is reported once', async (_how, day, why) => {
    const world = await worldWith({ '2013-10-07': day });
    expect(await world.runUntil('2013-10-07T19:00')).toContain('session 2013-10-07 from 13:30');
    const found = await errors(world);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^BROKER_CALENDAR_UNKNOWN: the broker's calendar cannot be used for 2013-10-07/);
    expect(found[0]).toContain(why);
  });

  test('its successors on that day report it no more, although it fails in another way', async () => {
    const first = await worldWith({ '2013-10-07': () => Promise.reject(new Error('cut off')) });
    await first.runUntil('2013-10-07T13:26');
    expect(await errors(first)).toHaveLength(1);
    const second = answering(new LoopWorld('2013-10-07T13:27', first.journal), {
      '2013-10-07': () => Promise.reject(new Error('busy')),
    });
    await second.runUntil('2013-10-07T14:00');
    expect(second.asked).toContain('2013-10-07');
    expect(await errors(second)).toHaveLength(1);
  });

  test('an answer that comes late, but before the open, counts', async () => {
    const given: { answer?: (day: BrokerDay) => void } = {};
    const world = await worldWith({ '2013-10-07': () => new Promise((resolve) => (given.answer = resolve)) });
    world.pacer.plan(at('2013-10-07T13:28'), () => given.answer?.(HURRICANE));
    expect(await world.runUntil('2013-10-07T15:00')).toEqual([]);
    expect(await dataOf(world, 'SessionLeftOut')).toHaveLength(1);
  });

  test('silence about a holiday is awaited once, whatever wakes the bot', async () => {
    const eve = hours('2013-11-27T14:30', '2013-11-27T21:00');
    const never = (): Promise<BrokerDay> => new Promise(() => undefined);
    const world = await worldWith({ '2013-11-27': eve, '2013-11-28': never }, '2013-11-27T13:00');
    const waits: number[] = [];
    for (const seconds of [0, 10, 20]) {
      const time = epochMs(at('2013-11-27T21:02') + seconds * 1_000);
      world.pacer.plan(time, () => {
        void world.loop.command({ kind: 'reload' }).then(() => waits.push(world.pacer.now() - time));
      });
    }
    await world.runUntil('2013-11-27T22:00');
    expect(waits).toEqual([0, 0, 0]);
    expect(await errors(world)).toHaveLength(1);
    expect(world.asked.filter((date) => date === '2013-11-28')).toHaveLength(1);
  });

  test('a kill does not wait for an answer', async () => {
    const world = await worldWith({ '2013-10-07': () => new Promise(() => undefined) });
    const killedAt = '2013-10-07T13:25';
    world.pacer.plan(epochMs(at(killedAt) + 3_000), () => {
      const kill = { kind: 'kill', reason: 'asked by a test', actor: 'user:u1' } as const;
      void world.loop.command(kill).then(({ outcome }) => world.reported.push(`${outcome} at ${world.pacer.now()}`));
    });
    expect(await world.runUntil('2013-10-07T13:40')).toEqual([`obeyed at ${at(killedAt) + 3_000}`]);
  });

  test('one that trades on a holiday of ours is reported on the eve, and makes no session', async () => {
    const thursday = hours('2013-11-28T14:30', '2013-11-28T21:00');
    const world = await worldWith(
      {
        '2013-11-27': hours('2013-11-27T14:30', '2013-11-27T21:00'),
        '2013-11-28': thursday,
        '2013-11-29': hours('2013-11-29T14:30', '2013-11-29T18:00'),
      },
      '2013-11-27T13:00',
    );
    expect(await world.runUntil('2013-11-29T15:00')).toEqual([
      'session 2013-11-27 from 14:30',
      'session 2013-11-29 from 14:30',
      'shutdown in the session',
    ]);
    const found = await errors(world);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('2013-11-28 as open 2013-11-28T14:30:00.000Z to 2013-11-28T21:00:00.000Z');
    expect(found[0]).toContain('no session is opened');
  });
});

describe('a session that cannot begin', () => {
  test.each([
    ['an error of the system', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['an error of its own', new TypeError('day is not a function')],
  ])('%s is a fault of that session: the bot is in error and the engine lives', async (_kind, fault) => {
    const world = await worldWith({ '2013-10-07': hours('2013-10-07T13:30', '2013-10-07T20:00') });
    world.faultAtBegin = fault;
    await world.runUntil('2013-10-07T15:00');
    expect(world.state.botState).toBe('error');
    expect(await errors(world)).toEqual([
      `SESSION_NOT_BEGUN: the session of 2013-10-07 cannot begin: ${fault.message}. Check the market data and the broker, then start the bot again.`,
    ]);
  });
});
