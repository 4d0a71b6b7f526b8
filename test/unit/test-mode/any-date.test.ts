import { describe, expect, test } from '@jest/globals';
import { dryRunTexts } from '../../../src/app/test-mode/dry-run-settings.js';
import { rehearsalSession } from '../../../src/app/test-mode/rehearsal-day.js';
import { screenerResult } from '../../../src/app/test-mode/screener-tests.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { DEFAULT_SETTINGS, parseSettings } from '../../../src/domain/config/settings.js';
import { addDays, dateOf, DAY_MS, parseUtcText, plusMs, type EpochMs } from '../../../src/kernel/time.js';
import { testFeed } from '../../../src/processes/worker/dry-run.js';
import { STRATEGIES } from '../../../src/strategies/registry.js';

const SETTINGS = parseSettings(dryRunTexts({ SHORT_TYPE_OPEN: 'LongPut' }));
const FIRST = parseUtcText('2026-01-01T00:00:00.000Z');
const DAYS = 3 * 365 + 1;
const everyDay: readonly EpochMs[] = Array.from({ length: DAYS }, (_, index) => plusMs(FIRST, index * DAY_MS));

test('a dry run buys no options, which its broker does not trade', () => {
  expect([SETTINGS.BROKER_NAME, SETTINGS.SHORT_TYPE_OPEN]).toEqual(['SIM', 'disabled']);
  expect(parseSettings(dryRunTexts({ SHORT_TYPE_MID: 'ShortSell' })).SHORT_TYPE_MID).toBe('ShortSell');
});

describe('test mode works on any date (RUN-35)', () => {
  test.each([
    ['a regular day', '2026-01-06T15:00:00.000Z', '2026-01-06'],
    ['the last millisecond of a regular day', '2026-01-06T23:59:59.999Z', '2026-01-06'],
    ['a half day', '2026-11-27T15:00:00.000Z', '2026-11-25'],
    ['the weekend after a half day', '2026-11-29T01:00:00.000Z', '2026-11-25'],
    ['Christmas Eve', '2026-12-24T15:00:00.000Z', '2026-12-23'],
    ['Christmas Day', '2026-12-25T15:00:00.000Z', '2026-12-23'],
    ["New Year's Day", '2027-01-01T15:00:00.000Z', '2026-12-31'],
    ['a leap day', '2028-02-29T15:00:00.000Z', '2028-02-29'],
    ['the first trading day of the calendar', '1990-01-02T15:00:00.000Z', '1990-01-02'],
  ])('%s, %s: plays %s', (_name, now, date) => {
    expect(rehearsalSession(parseUtcText(now)).date).toBe(date);
  });

  test('each day of three years has a full session at most five days earlier, with a window for each strategy', () => {
    const faults = everyDay.flatMap((now) => {
      const { date, opensAt, closesAt, halfDay } = rehearsalSession(now);
      const context = { settings: SETTINGS, date, opensAt, closesAt };
      const failed = STRATEGIES.flatMap((strategy) => strategy.selfCheck(context)).filter(({ ok }) => !ok);
      const recent = date <= dateOf(now) && date >= addDays(dateOf(now), -5);
      return halfDay || !recent || failed.length > 0 ? [`${dateOf(now)}: ${date} ${JSON.stringify(failed)}`] : [];
    });
    expect(faults).toEqual([]);
  });

  test('the home\u2019s own windows pass the screener on the sessions around each half day of three years', () => {
    const feed = testFeed(SETTINGS);
    const settings = { ...DEFAULT_SETTINGS, MIN_VOLUME_THRESHOLD: SETTINGS.MIN_VOLUME_THRESHOLD };
    const sessions = everyDay.flatMap((now) => {
      const session = sessionOf(dateOf(now));
      return session?.halfDay === true ? [session, rehearsalSession(now)] : [];
    });
    const markets = sessions.map((session) => ({ session, market: feed.openSession(session.date) }));
    expect(screenerResult('screener', markets, STRATEGIES, settings)).toMatchObject({ ok: true });
  });
});
