import { describe, expect, test } from '@jest/globals';
import type { BrokerDay } from '../../src/domain/calendar/broker-day.js';
import { sessionOf } from '../../src/domain/calendar/nyse.js';
import type { DateText } from '../../src/kernel/time.js';
import { expectGoodBooks } from './support/oracle.js';
import { at, WeekHarness } from './support/week-harness.js';

const byHand = { reason: 'asked by a test', actor: 'user:u1' } as const;

/** A broker whose calendar is the embedded one, except for some days. */
function brokerWith(days: Readonly<Record<string, BrokerDay>>): WeekHarness['exchange'] {
  const usual = (date: DateText): BrokerDay => {
    const session = sessionOf(date);
    return session === undefined ? { kind: 'closed', reason: 'a holiday' } : { kind: 'open', ...session };
  };
  return { calendar: (date) => Promise.resolve(days[date] ?? usual(date)) };
}

const DIFFERS = ['EXCHANGE_HOURS_DIFFER'];
const MOURNING: BrokerDay = { kind: 'closed', reason: 'a day of mourning' };
const UNTIL_13: BrokerDay = { kind: 'open', opensAt: at('2026-01-06T14:30'), closesAt: at('2026-01-06T18:00') };

async function botWith(days: Readonly<Record<string, BrokerDay>>): Promise<WeekHarness> {
  const bot = new WeekHarness(1);
  bot.exchange = brokerWith(days);
  return bot.begin('2026-01-06T14:00');
}

/** Holds a position over the night of 6 January: the engine died in its session. */
async function botWithPosition(days: Readonly<Record<string, BrokerDay>>): Promise<WeekHarness> {
  const bot = await botWith(days);
  const life = await bot.start('2026-01-06T14:00');
  life.dieAt('2026-01-06T15:05');
  await life.runUntil('2026-01-06T22:00');
  return bot;
}

const startsOf = async (bot: WeekHarness): Promise<readonly string[]> =>
  (await bot.home.eventsOf('StrategyStarted')).map(
    ({ data, recordedAt }) => `${data.strategy} ${recordedAt.slice(11, 16)}`,
  );

const ordersOn = async (bot: WeekHarness, date: string): Promise<number> =>
  (await bot.home.eventsOf('OrderIntended')).filter(({ recordedAt }) => recordedAt.startsWith(date)).length;

describe('hours of the exchange by the broker', () => {
  test('an early close that our calendar does not have is a half day for session and strategies', async () => {
    const bot = await botWith({ '2026-01-06': UNTIL_13 });
    const life = await bot.start('2026-01-06T14:00');
    await life.runUntil('2026-01-06T22:00');
    const [opened] = await bot.home.eventsOf('SessionOpened');
    expect(opened?.data).toMatchObject({ closesAt: '2026-01-06T18:00:00.000Z', halfDay: true });
    expect((await bot.days())[0]).toMatch(/ 18:00$/);
    expect((await startsOf(bot)).filter((text) => text.startsWith('close'))).toEqual(['close 17:30']);
    const late = (await bot.home.eventsOf('OrderIntended')).filter(({ recordedAt }) => recordedAt > '2026-01-06T18:00');
    expect(late).toEqual([]);
    await expectGoodBooks(bot.home, { trades: 1, left: 'any', errors: DIFFERS });
  });

  test('a start after a crash keeps the early close, although the broker answers otherwise by now', async () => {
    const bot = await botWithPosition({ '2026-01-06': UNTIL_13 });
    bot.exchange = brokerWith({});
    const next = await bot.start('2026-01-06T15:10');
    await next.runUntil('2026-01-06T22:00');
    expect((await bot.days())[0]).toMatch(/ 18:00$/);
    expect((await startsOf(bot)).filter((text) => text.startsWith('close'))).toEqual(['close 17:30']);
  });

  test('a position stays over a day on which the broker has the exchange closed', async () => {
    const bot = await botWithPosition({ '2026-01-07': MOURNING });
    const next = await bot.start('2026-01-06T22:30');
    await next.runUntil('2026-01-08T22:00');
    expect((await bot.days()).map((text) => text.slice(0, 10))).toEqual(['2026-01-06', '2026-01-08']);
    expect((await bot.home.eventsOf('SessionLeftOut')).map(({ data, recordedAt }) => [data.date, recordedAt])).toEqual([
      ['2026-01-07', '2026-01-07T14:25:00.000Z'],
    ]);
    expect(await ordersOn(bot, '2026-01-07')).toBe(0);
    expect(await ordersOn(bot, '2026-01-08')).toBeGreaterThan(0);
    await expectGoodBooks(bot.home, { trades: 1, left: 'any', errors: DIFFERS });
  });

  test('a kill with positions open waits for the next day that the broker has open', async () => {
    const bot = await botWithPosition({ '2026-01-07': MOURNING });
    const next = await bot.start('2026-01-06T22:30');
    next.order('2026-01-06T23:00', { kind: 'kill', ...byHand });
    await next.runUntil('2026-01-09T13:00');
    expect(await ordersOn(bot, '2026-01-07')).toBe(0);
    const states = (await bot.states()).filter((text) => /emergency|stopped|error/.test(text));
    expect(states).toEqual(['01-06T23:00 emergency_closing_positions', '01-08T14:30 stopped']);
    await expectGoodBooks(bot.home, { trades: 1, errors: DIFFERS });
  });

  test('a kill after the early close of the broker closes at the next open', async () => {
    const bot = await botWithPosition({ '2026-01-06': UNTIL_13 });
    const next = await bot.start('2026-01-06T19:00');
    next.order('2026-01-06T19:30', { kind: 'kill', ...byHand });
    await next.runUntil('2026-01-08T13:00');
    expect(await ordersOn(bot, '2026-01-06')).toBeGreaterThan(0);
    const late = (await bot.home.eventsOf('OrderIntended')).filter(
      ({ recordedAt }) => recordedAt > '2026-01-06T18:00' && recordedAt < '2026-01-07T14:30',
    );
    expect(late).toEqual([]);
    const states = (await bot.states()).filter((text) => /emergency|stopped/.test(text));
    expect(states).toEqual(['01-06T19:30 emergency_closing_positions', '01-07T14:30 stopped']);
    await expectGoodBooks(bot.home, { trades: 1, errors: DIFFERS });
  });
});
