import { describe, expect, test } from '@jest/globals';
import { VmTimeBudget } from '../../../src/adapters/time-budget/vm-time-budget.js';

const budget = new VmTimeBudget();

function spin(): never {
  for (let turns = 0; ; turns += 1) if (turns < 0) throw new Error('never');
}

describe('the time budget', () => {
  test('it returns the result of the work and rethrows its error', () => {
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
  ])('it ends %s', (_, work) => {
    expect(budget.run<unknown>(work, 20)).toEqual({ ended: false });
    expect(budget.run(() => 'as before', 1_000)).toEqual({ ended: true, value: 'as before' });
  });
});

describe('a machine under load', () => {
  /** A budget on a machine that stalls the given number of times; each try costs `cpu` ms of processor time. */
  const onMachine = (cpu: readonly number[]): { budget: VmTimeBudget; work: (ends: number) => () => string } => {
    let spent = 0;
    let began = 0;
    return {
      budget: new VmTimeBudget(() => spent),
      work: (ends) => () => {
        spent += cpu[began] ?? 0;
        began += 1;
        return began === ends ? 'done' : spin();
      },
    };
  };

  test('work delayed by the machine is started again', () => {
    const { budget: stalled, work } = onMachine([40, 50, 20]);
    expect(stalled.run(work(3), 200)).toEqual({ ended: true, value: 'done' });
  });

  test('work that had the processor for its time is not started again, whatever the number of tries', () => {
    const looping = onMachine([190]);
    expect(looping.budget.run(looping.work(2), 200)).toEqual({ ended: false });
    const slowly = onMachine([80, 80]);
    expect(slowly.budget.run(slowly.work(3), 200)).toEqual({ ended: false });
  });

  test('nothing is started more than three times', () => {
    const { budget: stalled, work } = onMachine([]);
    expect(stalled.run(work(4), 200)).toEqual({ ended: false });
    expect(stalled.run(work(4), 200)).toEqual({ ended: true, value: 'done' });
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
