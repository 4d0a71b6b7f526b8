import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, test } from '@jest/globals';
import { VmTimeBudget } from '../../../src/adapters/time-budget/vm-time-budget.js';

const budget = new VmTimeBudget();

function spin(): never {
  for (let turns = 0; ; turns += 1) if (turns < 0) throw new Error('never');
}

/** A loaded machine may give no attempt its time: then it was the machine, and the work is tried again. */
function endless(work: () => unknown): unknown {
  for (let tries = 0; tries < 200; tries += 1) {
    const outcome = budget.run(work, 20);
    if (outcome.ended || outcome.used) return outcome;
  }
  return 'the machine gave it no time';
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
    expect(endless(work)).toEqual({ ended: false, used: true });
    expect(budget.run(() => 'as before', 1_000)).toEqual({ ended: true, value: 'as before' });
  });
});

describe('a machine under load', () => {
  /** A budget on a machine that stalls the given number of times; each try costs `cpu` ms of processor time. */
  const onMachine = (
    cpu: readonly number[],
    killWaits = (): boolean => false,
  ): { budget: VmTimeBudget; work: (ends: number) => () => string } => {
    let spent = 0;
    let began = 0;
    return {
      budget: new VmTimeBudget(killWaits, () => spent),
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

  test('work that had the processor for its time in two attempts, or in the long last one, has used it', () => {
    const looping = onMachine([200, 200]);
    expect(looping.budget.run(looping.work(3), 200)).toEqual({ ended: false, used: true });
    const shared = onMachine([120, 230, 400]);
    expect(shared.budget.run(shared.work(4), 200)).toEqual({ ended: false, used: true });
    const late = onMachine([20, 30, 30, 210]);
    expect(late.budget.run(late.work(5), 200)).toEqual({ ended: false, used: true });
  });

  test('one pause of the process, as for its garbage, is not the strategy\u2019s', () => {
    const paused = onMachine([220, 10]);
    expect(paused.budget.run(paused.work(2), 200)).toEqual({ ended: true, value: 'done' });
    const again = onMachine([220, 90, 90, 90]);
    expect(again.budget.run(again.work(5), 200)).toEqual({ ended: false, used: false });
  });

  test('nothing is started more than four times, and a machine without time is no fault of the work', () => {
    const { budget: stalled, work } = onMachine([]);
    expect(stalled.run(work(5), 200)).toEqual({ ended: false, used: false });
    expect(stalled.run(work(5), 200)).toEqual({ ended: true, value: 'done' });
  });

  test('a kill waits for one attempt, and work that it cut short has not used its time', () => {
    let looks = 0;
    const killed = onMachine([220, 220], () => (looks += 1) > 0);
    expect(killed.budget.run(killed.work(2), 200)).toEqual({ ended: false, used: false });
    expect(looks).toBe(1);
    expect(killed.budget.run(killed.work(2), 200)).toEqual({ ended: true, value: 'done' });
  });
});

describe('four busy processes next to it', () => {
  const busy: ChildProcess[] = [];
  afterEach(() => {
    for (const one of busy.splice(0)) one.kill('SIGKILL');
  });

  test('work of a fifth of its budget never counts as having used it', () => {
    for (let made = 0; made < 4; made += 1) {
      busy.push(spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore', timeout: 60_000 }));
    }
    const worked = (): number => {
      const from = process.cpuUsage().user;
      let turns = 0;
      while (process.cpuUsage().user - from < 10_000) turns += 1;
      return turns;
    };
    let ended = 0;
    // A machine with much else to do may end none of the first: a larger budget is waited for longer.
    for (let step = 0; step < 30 || (ended === 0 && step < 100); step += 1) {
      const outcome = budget.run(worked, 50 * Math.max(1, step - 28));
      if (outcome.ended) ended += 1;
      else expect(outcome.used).toBe(false);
    }
    expect(ended).toBeGreaterThan(0);
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
