import { describe, expect, test } from '@jest/globals';
import { VmTimeBudget } from '../../../src/adapters/time-budget/vm-time-budget.js';

const budget = new VmTimeBudget();

function spin(): never {
  for (let turns = 0; ; turns += 1) if (turns < 0) throw new Error('never');
}

describe('the time budget', () => {
  test('gives back what the work gives, and throws what it throws', () => {
    expect(budget.run(() => 7, 1_000)).toEqual({ ended: true, value: 7 });
    expect(budget.run(() => undefined, 1_000)).toEqual({ ended: true, value: undefined });
    expect(() => budget.run(() => JSON.parse('{') as number, 1_000)).toThrow('JSON');
  });

  test.each([
    ['a loop', spin],
    [
      'a loop that catches everything',
      (): void => {
        for (;;) {
          try {
            spin();
          } catch {
            continue;
          }
        }
      },
    ],
    ['a regular expression that explodes', () => /^(a+)+$/.test(`${'a'.repeat(60)}!`)],
    ['a recursion that swallows its own end', forEver],
  ])('ends %s', (_, work) => {
    expect(budget.run<unknown>(work, 20)).toEqual({ ended: false });
    expect(budget.run(() => 'as before', 1_000)).toEqual({ ended: true, value: 'as before' });
  });
});

function forEver(): void {
  for (;;) {
    try {
      forEver();
    } catch {
      continue;
    }
  }
}
