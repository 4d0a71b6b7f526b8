import { describe, expect, test } from '@jest/globals';
import {
  clockTimeFromText,
  clockTimeText,
  clockTimeToUtc,
  parseClockTime,
  wallClockOf,
  zonedToUtc,
} from '../../../src/domain/calendar/clock-time.js';
import { epochMs, parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';

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

  test.each(['America/New_York', 'Australia/Lord_Howe', 'Asia/Tehran'])(
    'around the changes of the clocks of %s, asked for in any order, its wall clock is the one of the platform',
    (zone) => {
      const platform = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
      const hour = 3_600_000;
      const wrong: string[] = [];
      for (const [month, year] of [
        [3, 1999],
        [2, 2021],
        [9, 2021],
        [2, 2026],
      ]) {
        const from = Date.UTC(year ?? 0, month ?? 0, 1);
        for (let at = from; at < from + 62 * 24 * hour; at += hour) {
          for (const near of [at + hour / 2 + 1_234, at - 1, at]) {
            const { date, minutes } = wallClockOf(epochMs(near), zone);
            const [day = '', time = ''] = platform.format(near).split(' ');
            const [hours, minute] = time.split(':');
            if (date !== day || minutes !== Number(hours) * 60 + Number(minute))
              wrong.push(`${near} ${date} ${minutes}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});
