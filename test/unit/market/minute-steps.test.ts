import { describe, expect, test } from '@jest/globals';
import { isDaily, otherStep } from '../../../src/adapters/feed-replay/minute-steps.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import { minute } from './support.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY_MINUTES = 390;

/** Starts of a day's rows, `step` apart, from the open. */
const every = (step: number, rows = Math.ceil((DAY_MINUTES * MINUTE) / step)): number[] =>
  Array.from({ length: rows }, (_, index) => minute(0) + index * step);
const nextDays = (starts: readonly number[], days: number): number[][] =>
  Array.from({ length: days }, (_, day) => starts.map((start) => start + day * 24 * 60 * MINUTE));
const oddRow = (starts: readonly number[]): number[] => [...starts, minute(37)];
const withSomeOdd = (starts: readonly number[], rows: number): number[] => [
  ...starts,
  ...Array.from({ length: rows }, (_, index) => minute(11 + index * 31)),
];
const without = (starts: readonly number[], share: number, seed: number): number[] => {
  const random = SeededRandom.of(seed, 'thin');
  return starts.filter(() => random.next() >= share);
};

describe('the step between rows is judged by most of them (F34)', () => {
  test.each<[string, number[][], number]>([
    ['five minutes', [every(5 * MINUTE)], 5 * MINUTE],
    ['five minutes, one odd row', [oddRow(every(5 * MINUTE))], 5 * MINUTE],
    ['five minutes, twelve odd rows', [withSomeOdd(every(5 * MINUTE), 12)], 5 * MINUTE],
    ['six rows of five minutes', [every(5 * MINUTE, 6)], 5 * MINUTE],
    ['five minutes with gaps', [without(every(5 * MINUTE), 0.6, 1)], 5 * MINUTE],
    ['five minutes with gaps and an odd row', [oddRow(without(every(5 * MINUTE), 0.6, 1))], 5 * MINUTE],
    ['two minutes, one odd row', [oddRow(every(2 * MINUTE))], 2 * MINUTE],
    ['15 minutes, two odd rows', [withSomeOdd(every(15 * MINUTE), 2)], 15 * MINUTE],
    ['half an hour, one odd row', [oddRow(every(30 * MINUTE))], 30 * MINUTE],
    ['an hour', [every(60 * MINUTE)], 60 * MINUTE],
    ['an hour, one odd row', [oddRow(every(60 * MINUTE))], 60 * MINUTE],
    ['hours of five days, an odd row each day', nextDays(oddRow(every(60 * MINUTE)), 5), 60 * MINUTE],
    [
      'five minutes that begin elsewhere each day',
      [every(300 * SECOND), every(300 * SECOND).map((at) => at + 120_000)],
      300_000,
    ],
    ['90 seconds, one odd row', [oddRow(every(90 * SECOND))], 90 * SECOND],
    ['15 seconds', [every(15 * SECOND)], 15 * SECOND],
    ['15 seconds, one odd row', [[...every(15 * SECOND), minute(3) + 7_000]], 15 * SECOND],
    ['15 seconds with gaps', [without(every(15 * SECOND), 0.15, 2)], 15 * SECOND],
  ])('not minutes: %s', (_, days, step) => {
    expect(otherStep(days)).toBe(step);
  });

  test.each<[string, number[][]]>([
    ['no row', []],
    ['whole minutes', [every(MINUTE)]],
    ['minutes stamped some milliseconds late', [every(MINUTE).map((at, index) => at + ((index * 211) % 400))]],
    ['minutes, and one row of a second', [[...every(MINUTE), minute(3) + 1_000]]],
    [
      'an hour of minutes, then single ones',
      [[...every(MINUTE, 60), ...[71, 76, 90, 120, 125, 300].map((at) => minute(at))]],
    ],
    ['four trades, by chance an hour apart', [every(60 * MINUTE, 4)]],
    ['trades of a share that hardly trades', [[0, 5, 10, 61, 154, 389].map((at) => minute(at))]],
  ])('minutes: %s', (_, days) => {
    expect(otherStep(days)).toBeUndefined();
  });

  test('days of shares that trade in few minutes are minutes', () => {
    const refused: string[] = [];
    for (const share of [0.05, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99]) {
      for (let seed = 0; seed < 150; seed += 1) {
        if (otherStep([without(every(MINUTE), share, seed)]) !== undefined) refused.push(`${share} ${seed}`);
      }
    }
    expect(refused).toEqual([]);
  });
});

describe('daily bars', () => {
  const DAY = 86_400_000;
  const days = (times: readonly number[]): readonly (readonly number[])[] =>
    times.map((time, index) => [index * DAY + time]);

  test('one bar a day at the same time is no minute bar, also across a change of daylight saving', () => {
    expect(isDaily(days([0, 0, 0, 0, 0]))).toBe(true);
    expect(isDaily(days([14, 14, 14, 13, 13].map((hour) => hour * 3_600_000)))).toBe(true);
  });

  test('a share that hardly trades, few days, and a day of minutes are none', () => {
    expect(isDaily(days([14.5, 15, 16.25, 14.75, 19].map((hour) => hour * 3_600_000)))).toBe(false);
    expect(isDaily(days([0, 0, 0, 0]))).toBe(false);
    expect(isDaily([...days([0, 0, 0, 0, 0]), [6 * DAY, 6 * DAY + 60_000]])).toBe(false);
  });
});
