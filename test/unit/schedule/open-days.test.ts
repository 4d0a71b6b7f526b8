import { describe, expect, test } from '@jest/globals';
import { SyntheticFeed } from '../../../src/adapters/feed-synthetic/synthetic-feed.js';
import { openDays } from '../../../src/app/day/open-days.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { parseDateText } from '../../../src/kernel/time.js';
import { errorOf } from '../market/support.js';

const open = (from: string, settings: Readonly<Record<string, string>>, days = 1) =>
  openDays({
    feed: new SyntheticFeed({ seed: 1 }),
    from: parseDateText(from),
    days,
    settings: parseSettings(settings),
  }).map(({ session }) => session.date);

describe('the days that are traded', () => {
  test.each([
    ['a weekday that the bot leaves out', '2026-01-06', { TRADING_DAYS: 'fri' }, '2026-01-09'],
    ['a weekend', '2026-01-10', { TRADING_DAYS: 'wed' }, '2026-01-14'],
    ['a weekday whose next one is a holiday', '2026-01-13', { TRADING_DAYS: 'mon' }, '2026-01-26'],
    ['a half day that ends before the start', '2026-11-27', { MARKET_OPEN: '14:00@America/New_York' }, '2026-11-30'],
  ])('%s is refused, and the proposed day is traded', (_, from, settings, next) => {
    const error = errorOf(() => open(from, settings));
    expect([error.code, error.remedy]).toEqual(['EXCHANGE_CLOSED', `Choose a trading day; the next one is ${next}.`]);
    expect(open(next, settings)).toEqual([next]);
  });

  test('hours that leave no time on any day name the settings instead of a day', () => {
    const error = errorOf(() =>
      open('2026-01-06', { MARKET_OPEN: '15:00@America/New_York', MARKET_CLOSE: '10:00@America/New_York' }),
    );
    expect(error.remedy).toContain('Change TRADING_DAYS, MARKET_OPEN or MARKET_CLOSE');
  });

  test('later days are the next ones that the bot trades', () => {
    expect(open('2026-01-09', { TRADING_DAYS: 'fri' }, 3)).toEqual(['2026-01-09', '2026-01-16', '2026-01-23']);
  });
});
