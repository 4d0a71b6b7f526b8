import { describe, expect, test } from '@jest/globals';
import { SyntheticFeed } from '../../../src/adapters/feed-synthetic/synthetic-feed.js';
import { openDays, type OpenedDay } from '../../../src/app/day/open-days.js';
import { parseSettings } from '../../../src/domain/config/settings.js';
import { parseDateText, toUtcText } from '../../../src/kernel/time.js';

const feed = new SyntheticFeed({ seed: 1 });

function opened(from: string, settings: Readonly<Record<string, string>>, days = 1): readonly OpenedDay[] {
  return openDays({ feed, from: parseDateText(from), days, settings: parseSettings(settings) });
}

const hoursOf = ({ session }: OpenedDay): readonly string[] => [
  session.date,
  toUtcText(session.opensAt).slice(11, 19),
  toUtcText(session.closesAt).slice(11, 19),
];

describe('the days of a run keep the hours of the bot', () => {
  test.each([
    ['the hours of the exchange', {}, '14:30:00', '21:00:00'],
    [
      'MARKET_OPEN and MARKET_CLOSE',
      { MARKET_OPEN: '11:00@America/New_York', MARKET_CLOSE: '15:00@America/New_York' },
      '16:00:00',
      '20:00:00',
    ],
    ['hours beyond those of the exchange', { MARKET_OPEN: '04:00', MARKET_CLOSE: '23:00' }, '14:30:00', '21:00:00'],
    ['whole minutes within the hours', { MARKET_OPEN: '15:00:30', MARKET_CLOSE: '20:00:30' }, '15:01:00', '20:00:00'],
  ])('%s', (_, settings, opens, closes) => {
    expect(opened('2026-01-06', settings).map(hoursOf)).toEqual([['2026-01-06', opens, closes]]);
  });

  test('only the weekdays of TRADING_DAYS', () => {
    const days = opened('2026-01-06', { TRADING_DAYS: 'tue,fri' }, 3);
    expect(days.map(({ session }) => session.date)).toEqual(['2026-01-06', '2026-01-09', '2026-01-13']);
  });
});
