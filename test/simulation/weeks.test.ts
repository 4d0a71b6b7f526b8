import { describe, expect, test } from '@jest/globals';
import { parseSettings } from '../../src/domain/config/settings.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { plusMs } from '../../src/kernel/time.js';
import { MainJournal } from '../../src/processes/main/main-journal.js';
import { PARTS } from './support/day-harness.js';
import { expectGoodBooks } from './support/oracle.js';
import { BOTH_WAYS } from './support/days.js';
import { at, WeekHarness } from './support/week-harness.js';

const byHand = { reason: 'asked by a test', actor: 'user:u1' } as const;

describe('whole weeks under the virtual clock (RUN-27)', () => {
  test('the start of daylight saving: sessions follow New York time', async () => {
    const bot = await new WeekHarness(1).begin('2013-03-08T12:00');
    const life = await bot.start('2013-03-08T12:00');
    expect(await life.runUntil('2013-03-12T22:00')).toBe('down');
    expect(await bot.days()).toEqual([
      '2013-03-08 14:30 14:31 21:00',
      '2013-03-11 13:30 13:31 20:00',
      '2013-03-12 13:30 13:31 20:00',
    ]);
    await expectGoodBooks(bot.home, { trades: 3, left: 'any' });
  });

  test('the end of daylight saving, and a holiday followed by a half day', async () => {
    const bot = await new WeekHarness(2).begin('2013-11-01T09:00');
    const life = await bot.start('2013-11-01T09:00');
    await life.runUntil('2013-11-04T22:00');
    expect(await bot.days()).toEqual(['2013-11-01 13:30 13:31 20:00', '2013-11-04 14:30 14:31 21:00']);
    const next = await bot.start('2013-11-27T22:00');
    await next.runUntil('2013-12-02T22:00');
    expect((await bot.days()).slice(2)).toEqual(['2013-11-29 14:30 14:31 18:00', '2013-12-02 14:30 14:31 21:00']);
    await expectGoodBooks(bot.home, { trades: 3, left: 'any' });
  });

  test('Christmas week of 2015: a half day on the 24th, nothing on the 25th', async () => {
    const bot = await new WeekHarness(3).begin('2015-12-23T09:00');
    const life = await bot.start('2015-12-23T09:00');
    await life.runUntil('2015-12-28T22:00');
    expect(await bot.days()).toEqual([
      '2015-12-23 14:30 14:31 21:00',
      '2015-12-24 14:30 14:31 18:00',
      '2015-12-28 14:30 14:31 21:00',
    ]);
    await expectGoodBooks(bot.home, { trades: 3, left: 'any' });
  });

  test('TRADING_DAYS changed during the week', async () => {
    const bot = await new WeekHarness(1, { TRADING_DAYS: 'mon,wed' }).begin('2013-10-07T09:00');
    const life = await bot.start('2013-10-07T09:00');
    life.pacer.plan(at('2013-10-09T22:00'), () => {
      bot.settings = parseSettings({ ...BOTH_WAYS, TRADING_DAYS: 'fri' });
    });
    life.order('2013-10-09T22:01', { kind: 'reload' });
    await life.runUntil('2013-10-14T22:00');
    expect((await bot.days()).map((text) => text.slice(0, 10))).toEqual(['2013-10-07', '2013-10-09', '2013-10-11']);
    expect(life.answers[0]).toMatch(/^reload obeyed/);
  });
});

describe('custom hours', () => {
  test('MARKET_OPEN and MARKET_CLOSE narrow each session', async () => {
    const hours = { MARKET_OPEN: '11:00@America/New_York', MARKET_CLOSE: '14:00@America/New_York' };
    const bot = await new WeekHarness(1, { ...hours, STRAT_OPEN_ENABLED: 'false' }).begin('2026-01-06T12:00');
    const life = await bot.start('2026-01-06T12:00');
    await life.runUntil('2026-01-06T22:00');
    expect(await bot.days()).toEqual(['2026-01-06 16:00 17:00 19:00']);
    await expectGoodBooks(bot.home, { trades: 1, left: 'any' });
  });
});

describe('starts at unusual times', () => {
  test('in the middle of the day: the remaining phases run immediately', async () => {
    const bot = await new WeekHarness(1).begin('2026-01-06T16:00');
    const life = await bot.start('2026-01-06T16:00');
    await life.runUntil('2026-01-06T22:00');
    expect(await bot.days()).toEqual(['2026-01-06 16:00 17:00 21:00']);
    const started = await bot.home.eventsOf('StrategyStarted');
    expect(started.map(({ data }) => data.strategy)).toEqual(['mid', 'close']);
    await expectGoodBooks(bot.home, { trades: 1, left: 'any' });
  });

  test('after the close and on a holiday: it waits for the next day', async () => {
    const bot = await new WeekHarness(1).begin('2013-07-03T17:30');
    const life = await bot.start('2013-07-03T17:30');
    await life.runUntil('2013-07-05T12:00');
    expect(await bot.days()).toEqual([]);
  });
});

describe('an engine that dies', () => {
  test.each(['14:55', '15:10', '17:20', '20:58'])(
    'at %s it resumes from the journal and sends no order twice',
    async (time) => {
      const bot = await new WeekHarness(1).begin('2026-01-06T14:00');
      const life = await bot.start('2026-01-06T14:00');
      life.dieAt(`2026-01-06T${time}`);
      expect(await life.runUntil('2026-01-06T22:00')).toBe('dead');
      const next = await bot.start(`2026-01-06T${time}`);
      expect(await next.runUntil('2026-01-07T22:00')).toBe('down');
      expect((await bot.days()).map((text) => text.slice(0, 10))).toEqual(['2026-01-06', '2026-01-07']);
      await expectGoodBooks(bot.home, { trades: 2, left: 'any' });
    },
  );

  test('for a day: the session is ended, and its positions are closed in the next one', async () => {
    const bot = await new WeekHarness(1).begin('2026-01-06T14:00');
    const life = await bot.start('2026-01-06T14:00');
    life.dieAt('2026-01-06T15:05');
    await life.runUntil('2026-01-06T22:00');
    const next = await bot.start('2026-01-07T12:00');
    await next.runUntil('2026-01-07T22:00');
    expect((await bot.days()).map((text) => text.slice(0, 10))).toEqual(['2026-01-06', '2026-01-07']);
    const closed = await bot.home.eventsOf('SessionClosed');
    expect(closed.map(({ recordedAt }) => recordedAt.slice(0, 13))).toEqual(['2026-01-07T12', '2026-01-07T21']);
    expect(closed[0]?.data.openPositions).not.toEqual([]);
    await expectGoodBooks(bot.home, { trades: 2 });
  });
});

describe('commands over several days', () => {
  test('a kill in a session: flat, and stopped until a manual start two days later', async () => {
    const bot = await new WeekHarness(1).begin('2026-01-06T14:00');
    const life = await bot.start('2026-01-06T14:00');
    life.order('2026-01-06T15:00', { kind: 'kill', ...byHand });
    life.order('2026-01-08T15:00', { kind: 'start', ...byHand });
    await life.runUntil('2026-01-08T22:00');
    expect((await bot.days()).map((text) => text.slice(0, 10))).toEqual(['2026-01-06', '2026-01-08']);
    const states = await bot.states();
    expect(states.filter((text) => /emergency|stopped|started/.test(text))).toEqual([
      '01-06T15:00 emergency_closing_positions',
      '01-06T15:00 stopped',
      '01-08T15:00 started',
    ]);
    expect(life.answers.slice(0, 2)).toEqual(['kill obeyed: emergency close', 'start obeyed: started; checks follow']);
    await expectGoodBooks(bot.home, { trades: 1, left: 'any' });
  });

  test('a kill while the market is closed and a position is open: closed at the next open', async () => {
    const bot = await new WeekHarness(1).begin('2026-01-06T14:00');
    const life = await bot.start('2026-01-06T14:00');
    life.dieAt('2026-01-06T15:05');
    await life.runUntil('2026-01-06T22:00');
    const next = await bot.start('2026-01-06T22:30');
    next.order('2026-01-06T23:00', { kind: 'kill', ...byHand });
    await next.runUntil('2026-01-08T13:00');
    expect(next.answers[0]).toMatch(/^kill obeyed: emergency_closing_positions; the market is closed, .*: [A-Z]+/);
    const states = (await bot.states()).filter((text) => /emergency|stopped|error/.test(text));
    expect(states).toEqual(['01-06T23:00 emergency_closing_positions', '01-07T14:30 stopped']);
    await expectGoodBooks(bot.home, { trades: 1 });
  });

  test('a shutdown in a session closes in order; the next start resumes automatically', async () => {
    const bot = await new WeekHarness(1).begin('2026-01-06T14:00');
    const life = await bot.start('2026-01-06T14:00');
    await life.runUntil('2026-01-06T15:00');
    const next = await bot.start('2026-01-06T15:30');
    await next.runUntil('2026-01-06T22:00');
    expect((await bot.states()).map((text) => text.slice(12))).toEqual(
      expect.arrayContaining([
        'graceful_closing_positions',
        'stopped',
        'shutdown_triggered',
        'shutdown',
        'started',
        'idle',
      ]),
    );
    expect(await bot.days()).toEqual(['2026-01-06 14:30 14:31 21:00']);
    await expectGoodBooks(bot.home, { trades: 1, left: 'any' });
  });

  test('a program that ends and starts in the window of a strategy continues it and enters nothing twice', async () => {
    const bot = await new WeekHarness(1).begin('2026-01-06T14:00');
    const life = await bot.start('2026-01-06T14:00');
    // long TLRX since 14:51; QRVS has its signal at 14:56
    await life.runUntil('2026-01-06T14:52');
    const next = await bot.start('2026-01-06T14:54');
    await next.runUntil('2026-01-06T22:00');
    const entries = (await bot.home.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'entry');
    expect(entries.map(({ data }) => data.symbol).sort()).toEqual(['NOVQ', 'QRVS', 'TLRX', 'ZYNK']);
    const closed = (await bot.home.eventsOf('PositionClosed')).map(({ data }) => [data.symbol, data.exitReason]);
    expect(closed).toContainEqual(['TLRX', 'manual']);
    const started = (await bot.home.eventsOf('StrategyStarted')).map(({ data }) => data.strategy);
    expect(started).toEqual(['open', 'mid', 'close']);
    const ended = (await bot.home.eventsOf('StrategyEnded')).map(({ data }) => [data.strategy, data.reason]);
    expect(ended[0]).toEqual(['open', 'its window closed']);
    await expectGoodBooks(bot.home, { trades: 4 });
  });

  /** What main writes at its start after an end that was cut short. */
  async function mainBegins(bot: WeekHarness, time: string): Promise<boolean> {
    const { journal } = bot.home;
    const main = new MainJournal({ journal, clock: { now: () => at(time) }, identity: composeBotIdentity(PARTS) });
    if (!(await main.wasLeaving())) return false;
    for (const to of ['shutdown_triggered', 'shutdown', 'started'] as const) await main.changeBotState(to, 'a test');
    return true;
  }

  test('a power cut while the end of the program closes positions is followed by a start that continues', async () => {
    const bot = await new WeekHarness(1).begin('2026-01-06T14:00');
    const life = await bot.start('2026-01-06T14:00');
    life.dieAt('2026-01-06T14:52', 50);
    expect(await life.runUntil('2026-01-06T14:52')).toBe('dead');
    expect((await bot.states()).at(-1)).toBe('01-06T14:52 graceful_closing_positions');
    expect(await mainBegins(bot, '2026-01-06T14:54')).toBe(true);
    const next = await bot.start('2026-01-06T14:54');
    await next.runUntil('2026-01-06T22:00');
    const entries = (await bot.home.eventsOf('OrderIntended')).filter(({ data }) => data.purpose === 'entry');
    expect(entries.map(({ data }) => data.symbol).sort()).toEqual(['NOVQ', 'QRVS', 'TLRX', 'ZYNK']);
    const ended = (await bot.home.eventsOf('StrategyEnded')).map(({ data }) => [data.strategy, data.reason]);
    expect(ended).toEqual(['open', 'mid', 'close'].map((strategy) => [strategy, 'its window closed']));
    await expectGoodBooks(bot.home, { trades: 4 });
  });

  test('a stop by a user while the end of the program closes positions holds after a power cut', async () => {
    const bot = await new WeekHarness(1).begin('2026-01-06T14:00');
    const life = await bot.start('2026-01-06T14:00');
    life.pacer.plan(plusMs(at('2026-01-06T14:52'), 20), () => {
      void life.loop.command({ kind: 'stop', reason: 'by hand', actor: 'user:anna' });
    });
    life.dieAt('2026-01-06T14:52', 50);
    expect(await life.runUntil('2026-01-06T14:52')).toBe('dead');
    expect(await mainBegins(bot, '2026-01-06T14:54')).toBe(false);
    const next = await bot.start('2026-01-06T14:54');
    await next.runUntil('2026-01-06T22:00');
    expect((await bot.states()).at(-1)).toBe('01-06T14:54 stopped');
    await expectGoodBooks(bot.home, { trades: 1 });
  });
});
