import { describe, expect, test } from '@jest/globals';
import { Problem } from '../../../src/processes/web/common/problem.js';
import { SetupToken } from '../../../src/processes/web/common/setup-token.js';

function outcome(token: SetupToken, given: string | undefined, address: string): string {
  try {
    token.check(given, address);
    return 'in';
  } catch (error) {
    return error instanceof Problem ? error.facts.code : String(error);
  }
}

describe('the one-time setup token', () => {
  test('only the whole token is accepted; without one nothing is', () => {
    expect(outcome(new SetupToken('abc'), 'abc', 'a')).toBe('in');
    expect(outcome(new SetupToken('abc'), 'abcd', 'a')).toBe('SETUP_TOKEN_WRONG');
    expect(outcome(new SetupToken('abc'), '', 'a')).toBe('SETUP_TOKEN_NEEDED');
    expect(outcome(new SetupToken(null), '', 'a')).toBe('SETUP_TOKEN_NEEDED');
    expect(outcome(new SetupToken(null), 'null', 'a')).toBe('SETUP_TOKEN_WRONG');
  });

  test('a guessing address is refused for the rest of its minute; the right token never is', () => {
    let now = 0;
    const token = new SetupToken('abc', () => now);
    for (let n = 0; n < 10; n += 1) expect(outcome(token, 'x', 'a')).toBe('SETUP_TOKEN_WRONG');
    expect(outcome(token, 'x', 'a')).toBe('TOO_MANY_TOKENS');
    expect(outcome(token, 'x', 'b')).toBe('SETUP_TOKEN_WRONG');
    expect(outcome(token, 'abc', 'a')).toBe('in');
    now = 60_000;
    expect(outcome(token, 'x', 'a')).toBe('SETUP_TOKEN_WRONG');
  });

  test('ten thousand addresses are not all remembered', () => {
    const token = new SetupToken('abc', () => 0);
    for (let n = 0; n < 10_000; n += 1) outcome(token, 'x', `address ${n}`);
    for (let n = 0; n < 9; n += 1) outcome(token, 'x', 'address 9999');
    expect(outcome(token, 'x', 'address 9999')).toBe('TOO_MANY_TOKENS');
    expect(outcome(token, 'x', 'address 0')).toBe('SETUP_TOKEN_WRONG');
  });
});
