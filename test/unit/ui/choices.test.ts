import { expect, test } from '@jest/globals';
import { strategyOptions } from '../../../src/ui/parts/choices.js';

const ALL = { value: '', label: 'All strategies' };
const NAMED = [
  { value: 'open', label: 'open' },
  { value: 'mid', label: 'mid' },
];

test('a choice of a strategy offers all, and those that there are', () => {
  expect(strategyOptions(['open', 'mid'], '')).toEqual([ALL, ...NAMED]);
  expect(strategyOptions(['open', 'mid'], 'mid')).toEqual([ALL, ...NAMED]);
});

test('an address in other letters chooses the same strategy; an unknown one is kept, and named as such', () => {
  expect(strategyOptions(['open', 'mid'], 'OPEN')).toEqual([ALL, { value: 'OPEN', label: 'open' }, NAMED[1]]);
  expect(strategyOptions(['open', 'mid'], 'op').at(-1)).toEqual({ value: 'op', label: 'op (no such strategy)' });
  expect(strategyOptions(undefined, 'op')).toEqual([ALL, { value: 'op', label: 'op' }]);
});
