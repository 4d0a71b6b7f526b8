import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../../src/kernel/random.js';

const draws = (random: SeededRandom, count: number, draw: (from: SeededRandom) => number): number[] =>
  Array.from({ length: count }, () => draw(random));
const mean = (figures: readonly number[]): number => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;

test('a key gives the same numbers, and other keys differ', () => {
  const first = draws(SeededRandom.of(7, 'a'), 20, (random) => random.next());
  expect(draws(SeededRandom.of(7, 'a'), 20, (random) => random.next())).toEqual(first);
  expect(draws(SeededRandom.of(7, 'b'), 20, (random) => random.next())).not.toEqual(first);
  expect(draws(SeededRandom.of('7', 'a'), 20, (random) => random.next())).not.toEqual(first);
  expect(new Set(first).size).toBe(20);
});

test('uniform: in [0, 1), evenly spread over ten parts', () => {
  const figures = draws(SeededRandom.of('uniform'), 50_000, (random) => random.next());
  const parts = Array.from({ length: 10 }, () => 0);
  for (const figure of figures) parts[Math.floor(figure * 10)] = (parts[Math.floor(figure * 10)] ?? 0) + 1;
  expect(parts).toHaveLength(10);
  for (const part of parts) expect(Math.abs(part - 5_000)).toBeLessThan(300);
});

test('normal: mean 0, deviation 1, within six; integers and chances stay in their bounds', () => {
  const figures = draws(SeededRandom.of('normal'), 20_000, (random) => random.normal());
  expect(Math.abs(mean(figures))).toBeLessThan(0.03);
  expect(Math.sqrt(mean(figures.map((figure) => figure * figure)))).toBeCloseTo(1, 1);
  expect(Math.max(...figures.map(Math.abs))).toBeLessThanOrEqual(6);
  const dice = new Set(draws(SeededRandom.of('dice'), 1_000, (random) => random.integer(1, 7)));
  expect([...dice].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  const hits = draws(SeededRandom.of('chance'), 10_000, (random) => (random.chance(0.3) ? 1 : 0));
  expect(Math.abs(mean(hits) - 0.3)).toBeLessThan(0.02);
});
