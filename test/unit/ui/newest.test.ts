import { expect, test } from '@jest/globals';
import { withNewest } from '../../../src/ui/pages/events/newest.js';

const at = (...positions: readonly string[]): readonly { readonly position: string }[] =>
  positions.map((position) => ({ position }));

test.each([
  ['nothing came since', at('3', '2'), at('3', '2', '1'), at('3', '2', '1')],
  ['two came since', at('5', '4', '3'), at('3', '2', '1'), at('5', '4', '3', '2', '1')],
  ['the newest do not reach down to the rows', at('9', '8', '7'), at('3', '2', '1'), undefined],
  ['the rows were read after the newest', at('3', '2'), at('5', '4', '3'), at('5', '4', '3')],
  ['the first event of a filter', at('1'), at(), undefined],
  ['no event fits the filter', at(), at(), at()],
] as const)('%s', (_case, newest, rows, shown) => {
  expect(withNewest(newest, rows)).toEqual(shown);
});

test('rows of before stay the same objects: they are not drawn again', () => {
  const rows = at('2', '1');
  expect(withNewest(at('3', '2'), rows)?.slice(1)).toEqual(rows);
  expect(withNewest(at('3', '2'), rows)?.[1]).toBe(rows[0]);
});
