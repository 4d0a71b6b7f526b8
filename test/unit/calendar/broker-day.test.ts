import { describe, expect, test } from '@jest/globals';
import {
  brokerDayFault,
  calendarDifference,
  holidaysBetween,
  KnownExchange,
  type BrokerDay,
} from '../../../src/domain/calendar/broker-day.js';
import { sessionOf } from '../../../src/domain/calendar/nyse.js';
import { epochMs, parseDateText, parseUtcText, toUtcText, type DateText } from '../../../src/kernel/time.js';

const at = (text: string) => parseUtcText(`${text}:00.000Z`);
const day = (text: string): DateText => parseDateText(text);
const open = (from: string, to: string): BrokerDay => ({ kind: 'open', opensAt: at(from), closesAt: at(to) });
const CLOSED: BrokerDay = { kind: 'closed', reason: 'a storm' };

const exchangeWith = (days: Readonly<Record<string, BrokerDay>>): KnownExchange =>
  new KnownExchange((date) => days[date]);

/** `13:30-20:00`, with `half` on a half day; `none` without a session. */
function limited(says: BrokerDay): string {
  const session = sessionOf(day('2013-10-07'));
  const found = session === undefined ? undefined : exchangeWith({ '2013-10-07': says }).limit(session);
  if (found === undefined || 'closed' in found) return 'none';
  const { opensAt, closesAt, halfDay } = found.session;
  return `${toUtcText(opensAt).slice(11, 19)}-${toUtcText(closesAt).slice(11, 19)}${halfDay ? ' half' : ''}`;
}

describe('a session within the hours of the broker', () => {
  test.each<[BrokerDay, string]>([
    [open('2013-10-07T13:30', '2013-10-07T20:00'), '13:30:00-20:00:00'],
    [open('2013-10-07T13:30', '2013-10-07T17:00'), '13:30:00-17:00:00 half'],
    [open('2013-10-07T15:00', '2013-10-07T20:00'), '15:00:00-20:00:00'],
    [open('2013-10-07T08:00', '2013-10-07T23:00'), '13:30:00-20:00:00'],
    [open('2013-10-07T21:00', '2013-10-07T22:00'), 'none'],
    [CLOSED, 'none'],
    [
      {
        kind: 'open',
        opensAt: epochMs(at('2013-10-07T13:30') + 1),
        closesAt: epochMs(at('2013-10-07T17:00') + 59_999),
      },
      '13:31:00-17:00:00 half',
    ],
  ])('%j gives %s', (says, hours) => {
    expect(limited(says)).toBe(hours);
  });
});

describe('the exchange by broker and embedded calendar', () => {
  test('positions can be closed on a day that the broker alone has open, and not on one that it has closed', () => {
    const exchange = exchangeWith({
      '2013-11-28': open('2013-11-28T14:30', '2013-11-28T18:00'),
      '2013-11-29': CLOSED,
    });
    expect(exchange.openAt(at('2013-11-28T15:00'))?.closesAt).toBe(at('2013-11-28T18:00'));
    expect(exchange.openAt(at('2013-11-28T18:00'))).toBeUndefined();
    expect(exchange.openAt(at('2013-11-29T15:00'))).toBeUndefined();
    expect(exchange.openAt(at('2013-12-02T15:00'))?.date).toBe('2013-12-02');
    expect(exchange.nextOpenAfter(at('2013-11-28T12:00'))).toBe(at('2013-11-28T14:30'));
    expect(exchange.nextOpenAfter(at('2013-11-28T18:00'))).toBe(at('2013-12-02T14:30'));
  });

  test('without an answer it is the embedded calendar, also outside its years', () => {
    const exchange = exchangeWith({});
    expect(exchange.openAt(at('2013-11-29T18:00'))).toBeUndefined();
    expect(exchange.nextOpenAfter(at('2013-11-27T21:00'))).toBe(at('2013-11-29T14:30'));
    expect(exchange.openAt(at('2060-03-01T15:00'))).toBeUndefined();
    expect(exchange.nextOpenAfter(at('2060-03-01T15:00'))).toBeUndefined();
  });

  test('holidays without weekends, before the next session', () => {
    expect(holidaysBetween(day('2013-11-27'), day('2013-11-29'))).toEqual(['2013-11-28']);
    expect(holidaysBetween(day('2013-10-04'), day('2013-10-07'))).toEqual([]);
    expect(holidaysBetween(day('2060-01-01'), day('2060-03-01'))).toEqual([]);
  });
});

describe('what the broker reports', () => {
  test('is compared with the embedded calendar', () => {
    const usual = open('2013-10-07T13:30', '2013-10-07T20:00');
    expect(calendarDifference(day('2013-10-07'), usual)).toBeUndefined();
    expect(calendarDifference(day('2013-10-05'), CLOSED)).toBeUndefined();
    expect(calendarDifference(day('2013-10-07'), CLOSED)).toMatch(/closed \(a storm\).*no session is opened$/);
    expect(calendarDifference(day('2013-10-05'), open('2013-10-05T13:30', '2013-10-05T20:00'))).toMatch(
      /calendar as closed: no session is opened$/,
    );
  });

  test('is refused when it cannot be about that day', () => {
    const faultOf = (says: BrokerDay) => brokerDayFault(day('2013-10-07'), says);
    expect(faultOf(CLOSED)).toBeUndefined();
    expect(faultOf(open('2013-10-07T13:30', '2013-10-07T20:00'))).toBeUndefined();
    expect(faultOf(open('2013-10-08T13:30', '2013-10-08T20:00'))).toContain('are not on 2013-10-07');
    expect(faultOf(open('2013-10-07T20:00', '2013-10-07T13:30'))).toContain('before it opens');
    for (const wrong of [Number.NaN, -1, 1.5, Number.MAX_SAFE_INTEGER]) {
      const says = { kind: 'open', opensAt: at('2013-10-07T13:30'), closesAt: wrong } as BrokerDay;
      expect(faultOf(says)).toMatch(/not times|before it opens/);
    }
  });
});
