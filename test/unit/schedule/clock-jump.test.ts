import { describe, expect, test } from '@jest/globals';
import { appointmentsOf, missedBetween } from '../../../src/domain/schedule/appointments.js';
import { clockJump } from '../../../src/domain/schedule/clock-jump.js';
import { DEFAULT_SETTINGS } from '../../../src/domain/config/settings.js';
import { parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';

const BEFORE = { wall: 1_000_000, monotonic: 50_000, sinceBoot: 80_000 };
const later = (wall: number, monotonic: number, sinceBoot: number) =>
  clockJump(BEFORE, {
    wall: BEFORE.wall + wall,
    monotonic: BEFORE.monotonic + monotonic,
    sinceBoot: BEFORE.sinceBoot + sinceBoot,
  });

describe('clock jumps', () => {
  test('the clock advances with time, within the tolerance', () => {
    expect(later(1_000, 1_000, 1_000)).toBeUndefined();
    expect(later(2_900, 1_000, 1_000)).toBeUndefined();
    expect(later(-900, 1_000, 1_000)).toBeUndefined();
  });

  test('a process suspended for an hour sees no jump', () => {
    expect(later(3_600_000, 3_600_000, 3_600_000)).toBeUndefined();
  });

  test('set forward, set back, slept', () => {
    expect(later(3_601_000, 1_000, 1_000)).toBe('forwards');
    expect(later(-3_599_000, 1_000, 1_000)).toBe('backwards');
    expect(later(3_601_000, 1_000, 3_601_000)).toBe('slept');
  });
});

describe('the hours of a day', () => {
  const hours = (date: string) =>
    appointmentsOf(parseDateText(date), DEFAULT_SETTINGS).map(
      ({ name, at }) => `${toUtcText(at).slice(11, 16)} ${name}`,
    );

  test('in daylight saving time, and on a half day in winter', () => {
    expect(hours('2013-10-07')).toEqual([
      '13:25 preparation',
      '13:30 open',
      '13:30 strategy open',
      '16:00 strategy mid',
      '19:30 strategy close',
      '20:00 close',
    ]);
    expect(hours('2015-12-24')).toEqual([
      '14:25 preparation',
      '14:30 open',
      '14:30 strategy open',
      '17:00 strategy mid',
      '18:00 close',
    ]);
    expect(hours('2013-12-25')).toEqual([]);
  });

  test('missed times are named with their day, up to a limit', () => {
    const from = parseUtcText('2013-10-07T15:00:00.000Z');
    expect(missedBetween(from, parseUtcText('2013-10-07T16:00:00.000Z'), DEFAULT_SETTINGS)).toEqual([
      'strategy mid of 2013-10-07',
    ]);
    expect(missedBetween(from, parseUtcText('2013-10-08T13:30:00.000Z'), DEFAULT_SETTINGS)).toEqual([
      'strategy mid of 2013-10-07',
      'strategy close of 2013-10-07',
      'close of 2013-10-07',
      'preparation of 2013-10-08',
      'open of 2013-10-08',
      'strategy open of 2013-10-08',
    ]);
    expect(missedBetween(from, parseUtcText('2014-10-07T15:00:00.000Z'), DEFAULT_SETTINGS)).toHaveLength(50);
    expect(missedBetween(from, parseUtcText('2013-10-06T15:00:00.000Z'), DEFAULT_SETTINGS)).toEqual([]);
  });
});
