import { describe, expect, test } from '@jest/globals';
import { appointmentsOf, missedBetween } from '../../../src/domain/schedule/appointments.js';
import {
  believed,
  LARGEST_BELIEVED_MS,
  steadyAfter,
  type SteadyTime,
} from '../../../src/domain/schedule/clock-jump.js';
import { botSession, tradingHoursOf } from '../../../src/domain/schedule/trading-hours.js';
import { DEFAULT_SETTINGS, parseSettings } from '../../../src/domain/config/settings.js';
import { parseDateText, parseUtcText, toUtcText } from '../../../src/kernel/time.js';
import { strategiesToRun } from '../../../src/strategies/registry.js';

const BEFORE = { wall: Date.parse('2013-10-07T14:00:00Z'), monotonic: 50_000, sinceBoot: 80_000 };
const HOUR = 3_600_000;
const YEARS = 14 * 365 * 24 * HOUR;
const after = (before: SteadyTime, wall: number, monotonic: number, sinceBoot: number) =>
  steadyAfter(before, {
    wall: before.read.wall + wall,
    monotonic: before.read.monotonic + monotonic,
    sinceBoot: before.read.sinceBoot + sinceBoot,
  });
const later = (wall: number, monotonic: number, sinceBoot: number) =>
  after(believed(BEFORE), wall, monotonic, sinceBoot).jump?.kind;

describe('clock jumps', () => {
  test('the clock advances with time, within the tolerance', () => {
    expect(later(1_000, 1_000, 1_000)).toBeUndefined();
    expect(later(2_900, 1_000, 1_000)).toBeUndefined();
    expect(later(-900, 1_000, 1_000)).toBeUndefined();
  });

  test('a process that was frozen for an hour has slept; one that was busy for seconds has not', () => {
    expect(later(3_600_000, 3_600_000, 3_600_000)).toBe('slept');
    expect(later(10_000, 10_000, 10_000)).toBe('slept');
    expect(later(9_000, 9_000, 9_000)).toBeUndefined();
  });

  test('set forward, set back, slept', () => {
    expect(later(3_601_000, 1_000, 1_000)).toBe('forwards');
    expect(later(-3_599_000, 1_000, 1_000)).toBe('backwards');
    expect(later(3_601_000, 1_000, 3_601_000)).toBe('slept');
  });
});

describe('the time in use', () => {
  test('it follows the clock by adjustments, by sleep and by jumps of minutes', () => {
    for (const [wall, monotonic, sinceBoot] of [
      [1_000, 1_000, 1_000],
      [3 * HOUR, 1_000, 3 * HOUR],
      [3 * HOUR, 3 * HOUR, 3 * HOUR],
      [LARGEST_BELIEVED_MS + 1_000, 1_000, 1_000],
      [1_000 - LARGEST_BELIEVED_MS, 1_000, 1_000],
    ] as const) {
      const { steady } = after(believed(BEFORE), wall, monotonic, sinceBoot);
      expect(steady).toMatchObject({ time: BEFORE.wall + wall, awayMs: 0 });
    }
  });

  test.each([24 * HOUR, -24 * HOUR, YEARS, -YEARS, HOUR])(
    'a jump of %i ms is not followed, and is seen once',
    (jump) => {
      const first = after(believed(BEFORE), jump + 1_000, 1_000, 1_000);
      expect(first.steady).toMatchObject({ time: BEFORE.wall + 1_000, awayMs: jump });
      expect(first.jump).toEqual({
        kind: jump > 0 ? 'forwards' : 'backwards',
        from: BEFORE.wall,
        to: BEFORE.wall + jump + 1_000,
      });
      const second = after(first.steady, 5_000, 5_000, 5_000);
      expect(second).toMatchObject({ steady: { time: BEFORE.wall + 6_000, awayMs: jump }, jump: undefined });
      const back = after(second.steady, 1_000 - jump, 1_000, 1_000);
      expect(back.steady).toMatchObject({ time: BEFORE.wall + 7_000, awayMs: 0 });
      expect(back.jump?.kind).toBe(jump > 0 ? 'backwards' : 'forwards');
    },
  );

  test('a clock that comes back into the exchange calendar is believed', () => {
    const year2040 = believed({ ...BEFORE, wall: Date.parse('2040-01-03T15:00:00Z') });
    const back = after(year2040, -YEARS, 1_000, 1_000);
    expect(back.steady).toMatchObject({ time: year2040.time - YEARS, awayMs: 0 });
  });

  test('a machine that sleeps while its clock is wrong loses no time', () => {
    const wrong = after(believed(BEFORE), 24 * HOUR, 1_000, 1_000).steady;
    const slept = after(wrong, 2 * HOUR, 1_000, 2 * HOUR);
    expect(slept.steady.time).toBe(wrong.time + 2 * HOUR);
    expect(slept.jump?.kind).toBe('slept');
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
      '17:30 strategy close',
      '18:00 close',
    ]);
    expect(hours('2013-12-25')).toEqual([]);
  });

  test.each<[string, Record<string, string>, string]>([
    ['only those of the sequence', { STRATEGY_SEQUENCE: 'open' }, '14:30 strategy open'],
    ['only the one of the override', { STRATEGY_OVERRIDE: 'mid' }, '17:00 strategy mid'],
    ['none that is disabled', { STRAT_MID_ENABLED: 'false' }, '14:30 strategy open, 20:30 strategy close'],
    [
      'none before the bot opens',
      { MARKET_OPEN: '10:00@America/New_York', STRATEGY_SEQUENCE: 'open' },
      '15:00 strategy open',
    ],
    [
      'at their own times when the bot closes early',
      { MARKET_CLOSE: '15:45@America/New_York', STRATEGY_SEQUENCE: 'close' },
      '20:30 strategy close',
    ],
    ['none after the bot has closed', { MARKET_CLOSE: '15:00@America/New_York', STRATEGY_SEQUENCE: 'close' }, ''],
  ])('the strategies of a day: %s', (_, settings, expected) => {
    const named = appointmentsOf(parseDateText('2026-01-06'), parseSettings(settings))
      .filter(({ name }) => name.startsWith('strategy'))
      .map(({ name, at }) => `${toUtcText(at).slice(11, 16)} ${name}`);
    expect(named.join(', ')).toBe(expected);
  });

  test('a machine that slept over the close strategy of a half day misses it', () => {
    const from = parseUtcText('2024-11-29T17:10:00.000Z');
    const to = parseUtcText('2024-11-29T17:45:00.000Z');
    expect(missedBetween(from, to, DEFAULT_SETTINGS)).toEqual(['strategy close of 2024-11-29']);
  });

  test('every strategy has its appointment when its window begins, on every kind of day', () => {
    const settings = [{}, { MARKET_CLOSE: '12:45@America/New_York' }, { MARKET_OPEN: '12:10@America/New_York' }];
    for (const date of ['2024-11-27', '2024-11-29', '2024-12-24', '2026-07-02', '2015-12-24']) {
      for (const texts of settings.map((each) => parseSettings(each))) {
        const session = botSession(parseDateText(date), tradingHoursOf(texts));
        if (session === undefined) throw new Error(`${date} is no trading day`);
        const windows = strategiesToRun(texts).map((strategy) => ({
          name: `strategy ${strategy.name}`,
          at: strategy.window({ settings: texts, ...session }).analysisFrom,
        }));
        const begun = windows.filter(({ at }) => at < session.closesAt).sort((a, b) => a.at - b.at);
        const named = appointmentsOf(parseDateText(date), texts).filter(({ name }) => name.startsWith('strategy'));
        expect(named).toEqual(begun);
      }
    }
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
