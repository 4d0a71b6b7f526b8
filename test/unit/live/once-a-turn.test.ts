import { expect, test } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OnceATurn } from '../../../src/adapters/clock/once-a-turn.js';

test('a value is looked at once in a turn, and again in the next one or after a millisecond', async () => {
  let looks = 0;
  let now = 0;
  const value = new OnceATurn(
    () => (looks += 1),
    () => now,
  );
  expect([value.get(), value.get()]).toEqual([1, 1]);
  now += 0.9;
  expect(value.get()).toBe(1);
  now += 0.1;
  expect([value.get(), value.get()]).toEqual([2, 2]);
  await nextTurn();
  expect([value.get(), value.get()]).toEqual([3, 3]);
});

test('nothing counts as a value, and a look that fails is repeated', () => {
  let looks = 0;
  const value = new OnceATurn<number | undefined>(
    () => {
      looks += 1;
      if (looks === 1) throw new Error('not now');
      return undefined;
    },
    () => 0,
  );
  expect(() => value.get()).toThrow('not now');
  expect([value.get(), value.get(), looks]).toEqual([undefined, undefined, 2]);
});
