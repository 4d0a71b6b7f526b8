import { expect, test } from '@jest/globals';
import { worstFirst } from '../../../src/ui/parts/worst-first.js';

test('critical conditions stand before warnings, and keep their order', () => {
  const all = ['Warning 1', 'Critical 1', 'Warning 2', 'Critical 2'].map((name) => ({
    ...{ name, severity: name.split(' ')[0] ?? '' },
  }));
  expect(worstFirst(all).map(({ name }) => name)).toEqual(['Critical 1', 'Critical 2', 'Warning 1', 'Warning 2']);
});
