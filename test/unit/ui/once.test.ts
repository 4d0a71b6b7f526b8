import { expect, test } from '@jest/globals';
import { ChangeKeys } from '../../../src/ui/api/once.js';

function keysAt(): { readonly keys: ChangeKeys; readonly pass: (ms: number) => void } {
  let now = 1_000;
  let made = 0;
  return {
    keys: new ChangeKeys(
      () => `key-${(made += 1)}`,
      () => now,
    ),
    pass: (ms) => void (now += ms),
  };
}

test('a second click has the key of the first, while it is on its way and for a second after it was done', () => {
  const { keys, pass } = keysAt();
  const key = keys.keyOf('POST /api/books/seal');
  expect(keys.keyOf('POST /api/books/seal')).toBe(key);
  expect(keys.keyOf('POST /api/books/verify')).not.toBe(key);
  keys.answered('POST /api/books/seal', key, true);
  pass(999);
  expect(keys.keyOf('POST /api/books/seal')).toBe(key);
  keys.answered('POST /api/books/seal', key, true);
  pass(1_000);
  expect(keys.keyOf('POST /api/books/seal')).not.toBe(key);
});

test('a change without an answer keeps its key for five minutes, and what was refused has another one', () => {
  const { keys, pass } = keysAt();
  const key = keys.keyOf('inject 500');
  pass(299_999);
  expect(keys.keyOf('inject 500')).toBe(key);
  keys.answered('inject 500', key, false);
  const next = keys.keyOf('inject 500');
  expect(next).not.toBe(key);
  // An answer to the request before says nothing about this one.
  keys.answered('inject 500', key, false);
  expect(keys.keyOf('inject 500')).toBe(next);
  pass(300_000);
  expect(keys.keyOf('inject 500')).not.toBe(next);
});
