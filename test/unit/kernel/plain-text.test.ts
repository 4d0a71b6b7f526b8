import { expect, test } from '@jest/globals';
import { manualReason } from '../../../src/domain/risk/protections.js';
import { hiddenCharacterIn } from '../../../src/kernel/plain-text.js';

test.each([
  ['U+0000', 'abc\u0000def'],
  ['U+000A', 'two\nlines'],
  ['U+007F', 'abc\u007f'],
  ['U+0085', 'abc\u0085def'],
  ['U+202A', '\u202aabc'],
  ['U+202E', 'abc\u202egnp.exe'],
  ['U+2066', 'abc\u2066'],
  ['U+2069', 'abc\u2069'],
])('%s is refused in a text that stays, with its field', (character, text) => {
  expect(hiddenCharacterIn(text)).toBe(character);
  expect(() => manualReason(`${text}.`)).toThrow(
    expect.objectContaining({ code: 'TEXT_NOT_PLAIN', details: { field: 'reason' } }),
  );
});

test.each(['d\u00e9p\u00f4t of J\u00f8rgen', '\u05d4\u05e4\u05e7\u05d3\u05d4', '\u5165\u91d1 100', 'tip \ud83d\ude00'])(
  '%s stays as it is',
  (text) => {
    expect(hiddenCharacterIn(text)).toBeUndefined();
    expect(manualReason(` ${text}\n`)).toBe(text);
  },
);
