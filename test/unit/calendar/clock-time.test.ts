import { describe, expect, test } from '@jest/globals';
import {
  clockTimeFromText,
  clockTimeText,
  clockTimeToUtc,
  parseClockTime,
  wallClockOf,
  zonedToUtc,
} from '../../../src/domain/calendar/clock-time.js';
import { parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';

const utc = (date: string, time: string, zone: string): string =>
  toUtcText(zonedToUtc(parseDateText(date), time, zone));

describe('times of day', () => {
  test.each([
    ['2013-10-07', '09:30', 'America/New_York', '2013-10-07T13:30:00.000Z'],
    ['2026-01-05', '09:30', 'America/New_York', '2026-01-05T14:30:00.000Z'],
    ['2026-01-05', '09:30:15', 'America/New_York', '2026-01-05T14:30:15.000Z'],
    ['2026-07-01', '23:45', 'America/New_York', '2026-07-02T03:45:00.000Z'],
    ['2026-07-01', '00:15', 'Asia/Kolkata', '2026-06-30T18:45:00.000Z'],
    ['2026-03-08', '02:30', 'America/New_York', '2026-03-08T07:30:00.000Z'],
    ['2026-11-01', '01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
    ['2026-11-01', '03:00', 'America/New_York', '2026-11-01T08:00:00.000Z'],
    ['2026-11-01', '03:00', 'UTC', '2026-11-01T03:00:00.000Z'],
  ])('%s %s %s is %s', (date, time, zone, expected) => {
    expect(utc(date, time, zone)).toBe(expected);
  });

  test('a start without a zone is UTC, with a zone it is local', () => {
    const date = parseDateText('2013-10-07');
    expect(toUtcText(clockTimeToUtc(date, parseClockTime('13:30')))).toBe('2013-10-07T13:30:00.000Z');
    expect(toUtcText(clockTimeToUtc(date, parseClockTime('09:30@America/New_York')))).toBe('2013-10-07T13:30:00.000Z');
  });

  test.each(['13:30', '13:30:59', '09:30@America/New_York', '09:30:01@Europe/Berlin'])(
    '%s is printed as it was parsed',
    (text) => {
      expect(clockTimeText(parseClockTime(text))).toBe(text);
    },
  );

  test.each(['24:00', '9:30', '09:60', '09:30@', '09:30@Nowhere/Town', '', '09:30 ', '09:30@../etc'])(
    '"%s" is refused',
    (text) => {
      expect(clockTimeFromText(text)).toBeUndefined();
      expect(() => parseClockTime(text)).toThrow(`"${text}" is not a time of day`);
    },
  );

  test('the wall clock of a moment is its date and minute there', () => {
    const at = parseUtcText('2013-10-08T01:05:59.999Z');
    expect(wallClockOf(at, 'America/New_York')).toEqual({ date: '2013-10-07', minutes: 21 * 60 + 5 });
  });
});
