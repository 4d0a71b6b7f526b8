import { describe, expect, test } from '@jest/globals';
import { closedReason, nextTradingDay, previousTradingDay, sessionOf } from '../../../src/domain/calendar/nyse.js';
import { tradingDays } from '../../support/trading-days.js';
import { parseDateText, toUtcText } from '../../../src/kernel/time.js';

const on = (text: string) => sessionOf(parseDateText(text));
const times = (text: string): readonly string[] => {
  const session = on(text);
  return session === undefined
    ? ['closed']
    : [toUtcText(session.opensAt).slice(11, 16), toUtcText(session.closesAt).slice(11, 16)];
};

describe('NYSE calendar: published days', () => {
  test.each([
    ['2013-10-07', '13:30', '20:00', 'daylight saving, UTC-4'],
    ['2026-01-05', '14:30', '21:00', 'standard time, UTC-5'],
    ['2015-12-24', '14:30', '18:00', 'Christmas Eve'],
    ['2024-07-03', '13:30', '17:00', 'eve of a Thursday July 4 since 2013'],
    ['2013-07-03', '13:30', '17:00', 'the first such year'],
    ['2002-07-05', '13:30', '17:00', 'Friday after a Thursday July 4 until 2012'],
    ['2002-07-03', '13:30', '20:00', 'then the eve is a full day'],
    ['2010-07-02', '13:30', '20:00', 'July 4 on Sunday: the Friday before is full'],
    ['2023-07-03', '13:30', '17:00', 'Monday before July 4'],
    ['2025-07-03', '13:30', '17:00', 'Thursday before July 4'],
    ['2018-07-03', '13:30', '17:00', 'Tuesday before July 4'],
    ['2016-11-25', '14:30', '18:00', 'day after Thanksgiving'],
    ['1992-11-27', '14:30', '19:00', '14:00 in New York then'],
    ['1991-12-24', '14:30', '19:00', '14:00 in New York then'],
    ['1991-11-29', '14:30', '21:00', 'not yet a half day'],
    ['1999-12-31', '14:30', '18:00', 'special early close'],
    ['2021-12-31', '14:30', '21:00', "New Year's Day on Saturday is not kept"],
    ['1997-01-20', '14:30', '21:00', 'Martin Luther King Jr. Day before 1998'],
    ['2021-06-18', '13:30', '20:00', 'no Juneteenth before 2022'],
    ['2007-03-12', '13:30', '20:00', 'daylight saving began three weeks earlier since 2007'],
    ['2006-03-13', '14:30', '21:00', 'and not before'],
  ])('%s trades %s to %s UTC (%s)', (date, opens, closes) => {
    expect(times(date)).toEqual([opens, closes]);
    expect(on(date)?.halfDay).toBe(closes !== '20:00' && closes !== '21:00');
  });

  test.each([
    ['2013-10-05', 'a weekend'],
    ['2013-10-06', 'a weekend'],
    ['2022-06-20', 'Juneteenth'],
    ['2027-06-18', 'Juneteenth'],
    ['2022-12-26', 'Christmas Day'],
    ['2021-12-24', 'Christmas Day'],
    ['2023-01-02', "New Year's Day"],
    ['1998-01-19', 'Martin Luther King Jr. Day'],
    ['2024-02-19', "Washington's Birthday"],
    ['2024-03-29', 'Good Friday'],
    ['2008-03-21', 'Good Friday'],
    ['2011-04-22', 'Good Friday'],
    ['2035-03-23', 'Good Friday'],
    ['2015-04-03', 'Good Friday'],
    ['2013-05-27', 'Memorial Day'],
    ['2020-07-03', 'Independence Day'],
    ['2021-07-05', 'Independence Day'],
    ['2014-09-01', 'Labor Day'],
    ['2013-11-28', 'Thanksgiving Day'],
    ['1994-04-27', 'the day of mourning for Richard Nixon'],
    ['2001-09-11', 'the attacks of September 11'],
    ['2001-09-14', 'the attacks of September 11'],
    ['2004-06-11', 'the day of mourning for Ronald Reagan'],
    ['2007-01-02', 'the day of mourning for Gerald Ford'],
    ['2012-10-29', 'Hurricane Sandy'],
    ['2012-10-30', 'Hurricane Sandy'],
    ['2018-12-05', 'the day of mourning for George H. W. Bush'],
    ['2025-01-09', 'the day of mourning for Jimmy Carter'],
  ])('%s is closed: %s', (date, reason) => {
    expect(closedReason(parseDateText(date))).toBe(reason);
    expect(on(date)).toBeUndefined();
  });

  test.each([
    [1996, 254],
    [2001, 248],
    [2012, 250],
    [2013, 252],
    [2014, 252],
    [2020, 253],
    [2022, 251],
    [2024, 252],
    [2025, 250],
  ])('%d has %d trading days', (year, count) => {
    expect(tradingDays(parseDateText(`${year}-01-01`), parseDateText(`${year}-12-31`))).toHaveLength(count);
  });

  test('neighbouring days skip weekends, holidays and the longest closure', () => {
    expect(nextTradingDay(parseDateText('2013-10-04'))).toBe('2013-10-07');
    expect(previousTradingDay(parseDateText('2013-10-07'))).toBe('2013-10-04');
    expect(nextTradingDay(parseDateText('2001-09-10'))).toBe('2001-09-17');
    expect(previousTradingDay(parseDateText('2022-06-21'))).toBe('2022-06-17');
  });

  test('a year outside 1990 to 2035 is refused by name', () => {
    expect(() => on('1989-12-29')).toThrow('1989-12-29 is outside the exchange calendar, 1990 to 2035');
    expect(() => nextTradingDay(parseDateText('2035-12-31'))).toThrow('outside the exchange calendar');
  });
});
