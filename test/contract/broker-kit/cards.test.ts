import { expect, test } from '@jest/globals';
import { ALL_CARDS } from './all-cards.js';

const cards = Object.values(ALL_CARDS).flat();

test('every card has an id of its own, its three parts and its source', () => {
  expect(new Set(cards.map(({ id }) => id)).size).toBe(cards.length);
  const empty = cards.filter((card) =>
    [card.given, card.when, card.then, card.source].some((part) => part.trim() === ''),
  );
  expect(empty).toEqual([]);
});

test('there are at least 120 cards (TRD-62), and their table can be printed', () => {
  expect(cards.length).toBeGreaterThanOrEqual(120);
  const table = cards.map(
    ({ id, given, when, then, source }) => `| ${id} | ${given} / ${when} / ${then} | ${source} |`,
  );
  process.stdout.write(`${table.join('\n')}\n${cards.length} cards\n`);
  expect(table.every((row) => !row.includes('\n'))).toBe(true);
});
