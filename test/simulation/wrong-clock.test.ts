import { describe, expect, test } from '@jest/globals';
import { marketOf } from './support/market.js';
import type { EngineCommand } from '../../src/app/live/commands.js';
import { parseSymbol } from '../../src/events/names.js';
import { parseDateText } from '../../src/kernel/time.js';
import type { ReplayedFeed } from '../../src/ports/market-data.js';
import { at, WeekHarness, type EngineLife } from './support/week-harness.js';
import { disturbedFeed, halted } from './support/disturbed-feed.js';
import { expectGoodBooks } from './support/oracle.js';

const KILL: EngineCommand = { kind: 'kill', reason: 'asked by a test', actor: 'user:u1' };
const DAY = '2026-01-06';

/** A bot whose clock goes ahead at 15:05, past the close: its session is closed with two positions held. */
async function closedByWrongClock(settings: Readonly<Record<string, string>> = {}): Promise<WeekHarness> {
  const bot = await new WeekHarness(1, settings).begin(`${DAY}T12:00`);
  const life = await bot.start(`${DAY}T12:00`);
  life.pacer.plan(at(`${DAY}T15:05`), () => life.pacer.set(at(`${DAY}T22:05`)));
  life.dieAt(`${DAY}T22:10`);
  expect(await life.runUntil(`${DAY}T23:00`)).toBe('dead');
  const [closed] = await bot.home.eventsOf('SessionClosed');
  expect(closed?.data.openPositions).toEqual(['QRVS', 'TLRX']);
  return bot;
}

async function closings(bot: WeekHarness): Promise<readonly string[]> {
  const closed = await bot.home.eventsOf('PositionClosed');
  return closed.map(({ occurredAt, data }) => `${occurredAt.slice(5, 16)} ${data.symbol} ${data.exitReason}`).sort();
}

async function lifeAt(bot: WeekHarness, time: string): Promise<EngineLife> {
  return bot.start(`${DAY}T${time}`);
}

describe('a clock that was ahead and is right again', () => {
  test('a kill closes what is held at once, although the session of the day is closed in the journal', async () => {
    const bot = await closedByWrongClock();
    const life = await lifeAt(bot, '15:10');
    life.order(`${DAY}T15:12`, KILL);
    expect(await life.runUntil(`${DAY}T16:00`)).toBe('down');
    expect(life.answers[0]).toBe('kill obeyed: emergency_closing_positions; closing: QRVS, TLRX');
    expect(await closings(bot)).toEqual(['01-06T15:12 QRVS kill', '01-06T15:12 TLRX kill']);
    expect((await bot.states()).at(-1)).toMatch(/stopped$/);
    await expectGoodBooks(bot.home, { trades: 2, closedOutside: true });
  });

  test('a kill that is open when the engine dies is carried by the next one', async () => {
    const bot = await closedByWrongClock();
    const first = await lifeAt(bot, '15:10');
    first.order(`${DAY}T15:12`, KILL);
    first.dieAt(`${DAY}T15:12`);
    expect(await first.runUntil(`${DAY}T16:00`)).toBe('dead');
    const second = await lifeAt(bot, '15:15');
    await second.runUntil(`${DAY}T16:00`);
    expect(await closings(bot)).toEqual(['01-06T15:15 QRVS kill', '01-06T15:15 TLRX kill']);
  });

  test('a kill in error closes what is held at once', async () => {
    const bot = await closedByWrongClock();
    await bot.appender(at(`${DAY}T22:10`)).changeBotState('error', 'the clock was wrong');
    const life = await lifeAt(bot, '15:10');
    life.order(`${DAY}T15:12`, KILL);
    await life.runUntil(`${DAY}T16:00`);
    expect(await closings(bot)).toEqual(['01-06T15:12 QRVS kill', '01-06T15:12 TLRX kill']);
    await expectGoodBooks(bot.home, { trades: 2, closedOutside: true });
  });

  test('the next session is traded as usual, and none twice', async () => {
    const bot = await closedByWrongClock();
    const life = await lifeAt(bot, '15:10');
    await life.runUntil('2026-01-07T23:00');
    expect((await bot.days()).map((text) => text.slice(0, 10))).toEqual([DAY, '2026-01-07']);
    await expectGoodBooks(bot.home, { trades: 3, left: 'any' });
  });
});

describe('an exchange that is open outside the hours of the bot', () => {
  const hours = { MARKET_OPEN: '09:30@America/New_York', MARKET_CLOSE: '10:05@America/New_York' };
  /** The exits at the end of the windows are blocked by halts, until the session of the bot is over. */
  const feed = ['QRVS', 'TLRX'].reduce<ReplayedFeed>(
    (before, symbol) => disturbedFeed(before, parseDateText(DAY), halted(parseSymbol(symbol), '15:00', '15:20')),
    marketOf(1),
  );

  test('a kill after the end of the session closes positions while the exchange is open', async () => {
    const bot = await new WeekHarness(1, hours, feed).begin(`${DAY}T12:00`);
    const life = await lifeAt(bot, '12:00');
    life.order(`${DAY}T15:30`, KILL);
    await life.runUntil(`${DAY}T16:00`);
    expect((await bot.days())[0]).toMatch(/15:05$/);
    expect(await closings(bot)).toEqual(['01-06T15:30 QRVS kill', '01-06T15:30 TLRX kill']);
    // one of the two is halted for a while
    await expectGoodBooks(bot.home, { trades: 2, closedOutside: true, errors: ['HELD_SYMBOL_HALTED'] });
  });

  test('a kill after the close of the exchange waits for its open, not for the session of the bot', async () => {
    const bot = await new WeekHarness(1, hours, feed).begin(`${DAY}T12:00`);
    const life = await lifeAt(bot, '12:00');
    life.pacer.plan(at(`${DAY}T21:30`), () => {
      bot.settings = { ...bot.settings, TRADING_DAYS: ['mon'] };
    });
    life.order(`${DAY}T21:31`, { kind: 'reload' });
    life.order(`${DAY}T22:00`, KILL);
    await life.runUntil('2026-01-07T16:00');
    expect(life.answers[1]).toMatch(/the market is closed, to be closed at the open \(2026-01-07T14:30:00.000Z\)/);
    expect(await closings(bot)).toEqual(['01-07T14:30 QRVS kill', '01-07T14:30 TLRX kill']);
  });
});
