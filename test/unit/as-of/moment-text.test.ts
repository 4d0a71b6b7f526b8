import { describe, expect, test } from '@jest/globals';
import { positionOfText, timeOfText } from '../../../src/app/as-of/moment-text.js';
import { TradeBotError } from '../../../src/kernel/errors.js';

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TradeBotError) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

describe('one form of times for every command', () => {
  test.each([
    ['2026-01-05', '2026-01-05T00:00:00.000Z', '2026-01-05T23:59:59.999Z'],
    ['2026-01-05T15:00Z', '2026-01-05T15:00:00.000Z', '2026-01-05T15:00:59.999Z'],
    ['2026-01-05T15:00:07Z', '2026-01-05T15:00:07.000Z', '2026-01-05T15:00:07.999Z'],
    ['2026-01-05T15:00:07.5Z', '2026-01-05T15:00:07.500Z', '2026-01-05T15:00:07.599Z'],
    ['2026-01-05T15:00:07.123Z', '2026-01-05T15:00:07.123Z', '2026-01-05T15:00:07.123Z'],
  ])('%s is from %s to %s', (text, first, last) => {
    expect(timeOfText(text, 'first')).toBe(first);
    expect(timeOfText(text, 'last')).toBe(last);
  });

  test.each(['yesterday', '2026-01-05T15:00:00', '2026-01-05 15:00Z', '2026-01-05T24:00Z', '2026-01-05T15:60Z', ''])(
    '"%s" is refused with the forms that are taken',
    (text) => {
      expect(codeOf(() => timeOfText(text, 'first'))).toBe('NOT_UTC');
    },
  );

  test.each(['2026-02-30', '2026-02-30T15:00Z'])('%s is no day of the calendar', (text) => {
    expect(codeOf(() => timeOfText(text, 'last'))).toBe('NOT_A_DATE');
  });

  test('a plain number is a position', () => {
    expect(positionOfText('110')).toBe('0000000000000110');
  });
});
