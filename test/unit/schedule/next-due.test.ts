import { describe, expect, test } from '@jest/globals';
import { KnownExchange } from '../../../src/domain/calendar/broker-day.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { DEFAULT_SETTINGS, parseSettings } from '../../../src/domain/config/settings.js';
import { nextDue, type DaysSoFar, type Due } from '../../../src/domain/schedule/next-due.js';
import { tradingHoursOf } from '../../../src/domain/schedule/trading-hours.js';
import { parseDateText, parseUtcText, toUtcText, type DateText } from '../../../src/kernel/time.js';

const exchange = new KnownExchange(() => undefined);
const FRESH: DaysSoFar = { lastClosed: undefined, unfinished: undefined, prepared: undefined, exchange };

function due(now: string, so: Partial<DaysSoFar> = {}, settings: Record<string, string> = {}): Due {
  const hours = tradingHoursOf(parseSettings(settings));
  return nextDue(parseUtcText(now), hours, { ...FRESH, ...so });
}

function dueText(answer: Due): string {
  if (answer.kind === 'wait') return `wait until ${toUtcText(answer.until)} for ${answer.next?.date ?? 'nothing'}`;
  return `${answer.kind} ${answer.day.date}`;
}

const date = (text: string): DateText => parseDateText(text);

describe('what is due next', () => {
  test.each([
    [
      'before the open in daylight saving time',
      '2013-10-07T10:00:00.000Z',
      'wait until 2013-10-07T13:25:00.000Z for 2013-10-07',
    ],
    [
      'the day before daylight saving begins',
      '2013-03-08T23:00:00.000Z',
      'wait until 2013-03-11T13:25:00.000Z for 2013-03-11',
    ],
    ['in standard time', '2013-03-08T10:00:00.000Z', 'wait until 2013-03-08T14:25:00.000Z for 2013-03-08'],
    ['after daylight saving ended', '2013-11-03T12:00:00.000Z', 'wait until 2013-11-04T14:25:00.000Z for 2013-11-04'],
    [
      'late on a UTC day that is the next one already',
      '2013-10-08T01:00:00.000Z',
      'wait until 2013-10-08T13:25:00.000Z for 2013-10-08',
    ],
    ['on a weekend', '2013-10-05T15:00:00.000Z', 'wait until 2013-10-07T13:25:00.000Z for 2013-10-07'],
    ['on Thanksgiving', '2013-11-28T16:00:00.000Z', 'wait until 2013-11-29T14:25:00.000Z for 2013-11-29'],
    ['after the close', '2013-10-07T20:00:00.000Z', 'wait until 2013-10-08T13:25:00.000Z for 2013-10-08'],
    ['after an early close', '2015-12-24T18:00:00.000Z', 'wait until 2015-12-28T14:25:00.000Z for 2015-12-28'],
    ['a minute before an early close', '2015-12-24T17:59:00.000Z', 'prepare 2015-12-24'],
    ['five minutes before the open', '2013-10-07T13:25:00.000Z', 'prepare 2013-10-07'],
    ['in the middle of the day', '2013-10-07T17:00:00.000Z', 'prepare 2013-10-07'],
  ])('%s', (_name, now, expected) => {
    expect(dueText(due(now))).toBe(expected);
  });

  test('a prepared day waits for the open, then the session is due, also late', () => {
    const prepared = { prepared: date('2013-10-07') };
    expect(dueText(due('2013-10-07T13:26:00.000Z', prepared))).toBe(
      'wait until 2013-10-07T13:30:00.000Z for 2013-10-07',
    );
    expect(dueText(due('2013-10-07T13:30:00.000Z', prepared))).toBe('session 2013-10-07');
    expect(dueText(due('2013-10-07T19:59:59.999Z', prepared))).toBe('session 2013-10-07');
  });

  test('a closed session never runs again, also when the clock was set back', () => {
    const closed = { lastClosed: date('2013-10-09'), prepared: date('2013-10-09') };
    expect(dueText(due('2013-10-09T15:00:00.000Z', closed))).toBe('wait until 2013-10-10T13:25:00.000Z for 2013-10-10');
    expect(dueText(due('2013-10-07T15:00:00.000Z', closed))).toBe('wait until 2013-10-10T13:25:00.000Z for 2013-10-10');
    expect(dueText(due('2013-10-11T12:00:00.000Z', closed))).toBe('wait until 2013-10-11T13:25:00.000Z for 2013-10-11');
  });

  test("an unfinished session is due before today's and is prepared like any other", () => {
    const unfinished = sessionOf(date('2013-10-04'))!;
    expect(dueText(due('2013-10-07T15:00:00.000Z', { unfinished }))).toBe('prepare 2013-10-04');
    expect(dueText(due('2013-10-07T15:00:00.000Z', { unfinished, prepared: date('2013-10-04') }))).toBe(
      'session 2013-10-04',
    );
  });

  test('only the weekdays of TRADING_DAYS are due, however far away', () => {
    const friday = { TRADING_DAYS: 'fri' };
    // Good Friday of 2013 was March 29
    expect(dueText(due('2013-03-23T12:00:00.000Z', {}, friday))).toBe(
      'wait until 2013-04-05T13:25:00.000Z for 2013-04-05',
    );
    expect(dueText(due('2013-10-07T13:31:00.000Z', {}, friday))).toBe(
      'wait until 2013-10-11T13:25:00.000Z for 2013-10-11',
    );
  });

  test('MARKET_OPEN and MARKET_CLOSE narrow the day and never widen it', () => {
    const narrow = { MARKET_OPEN: '10:00@America/New_York', MARKET_CLOSE: '15:30@America/New_York' };
    const answer = due('2013-10-07T14:20:00.000Z', { prepared: date('2013-10-07') }, narrow);
    expect(answer.kind === 'session' && [answer.day.opensAt, answer.day.closesAt].map(toUtcText)).toEqual([
      '2013-10-07T14:00:00.000Z',
      '2013-10-07T19:30:00.000Z',
    ]);
    const wide = { MARKET_OPEN: '04:00@America/New_York', MARKET_CLOSE: '20:00@America/New_York' };
    expect(due('2013-10-07T12:00:00.000Z', {}, wide)).toEqual(due('2013-10-07T12:00:00.000Z'));
    const never = { MARKET_OPEN: '23:00@America/New_York' };
    expect(dueText(due('2013-10-07T12:00:00.000Z', {}, never))).toBe('wait until 2013-10-08T12:00:00.000Z for nothing');
  });

  test('beyond the calendar there is no session, and the bot waits', () => {
    expect(due('2036-01-02T12:00:00.000Z')).toMatchObject({ kind: 'wait', next: undefined });
    expect(DEFAULT_SETTINGS.TRADING_DAYS).toHaveLength(5);
  });
});
