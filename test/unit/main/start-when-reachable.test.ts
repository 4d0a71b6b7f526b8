import { describe, expect, test } from '@jest/globals';
import { journalError, type TradeBotError } from '../../../src/kernel/errors.js';
import { startWhenReachable } from '../../../src/processes/main/start-when-reachable.js';
import { eventually } from '../../support/eventually.js';

const away = (code: string): TradeBotError =>
  journalError('retry', { code, message: 'no program accepts connections', remedy: 'Start the server.' });

function deferred() {
  let settle = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, settle: () => settle() };
}

/** A start that fails so often before it is made. */
function failing(times: number, code = 'JOURNAL_UNREACHABLE') {
  let starts = 0;
  const start = (): Promise<void> => {
    starts += 1;
    return starts > times ? Promise.resolve() : Promise.reject(away(code));
  };
  return { start, starts: () => starts };
}

function waiting(stopAsked = new Promise<unknown>(() => undefined), killed?: string) {
  const said: string[] = [];
  let kills = 0;
  const obeyKill = (): Promise<string | undefined> => {
    kills += 1;
    return Promise.resolve(killed);
  };
  const notice = (line: string): void => void said.push(line);
  const late = (): TradeBotError => away('JOURNAL_UNREACHABLE');
  return { wait: { obeyKill, stopAsked, notice, late, lateMs: 20 }, said, kills: () => kills };
}

describe('main starts when the server of the journal does not answer', () => {
  test('as soon as it answers; it says so once, and obeys a kill meanwhile once', async () => {
    const { start, starts } = failing(2);
    const { wait, said, kills } = waiting(undefined, 'kill: everything is closed');
    expect(await startWhenReachable(start, wait)).toBe(true);
    expect(starts()).toBe(3);
    expect(kills()).toBe(1);
    expect(said).toEqual([
      expect.stringContaining('(JOURNAL_UNREACHABLE). Start the server. The bot starts as soon as the server answers.'),
      'kill: everything is closed',
    ]);
  });

  test('a start at once says nothing and looks for no kill', async () => {
    const { wait, said, kills } = waiting();
    expect(await startWhenReachable(failing(0).start, wait)).toBe(true);
    expect([said, kills()]).toEqual([[], 0]);
  });

  test('a stop ends the wait', async () => {
    const { start, starts } = failing(Number.POSITIVE_INFINITY);
    expect(await startWhenReachable(start, waiting(Promise.resolve()).wait)).toBe(false);
    expect(starts()).toBe(1);
  });

  test('a frozen server keeps the first attempt waiting: it says so once, and nothing starts before a kill is done', async () => {
    const done: string[] = [];
    const killed = deferred();
    const answers = deferred();
    const { wait, said } = waiting();
    const obeyKill = async (): Promise<string> => {
      done.push('kill begins');
      await killed.promise;
      done.push('kill is done');
      return 'kill: everything is closed';
    };
    const started = startWhenReachable(
      async (opened) => {
        await answers.promise;
        done.push('the server answers');
        await opened();
        done.push('children start');
      },
      { ...wait, obeyKill },
    );
    await eventually('the kill begins', () => done.length === 1);
    answers.settle();
    await eventually('the server answers', () => done.length >= 2);
    killed.settle();
    expect(await started).toBe(true);
    expect(done).toEqual(['kill begins', 'the server answers', 'kill is done', 'children start']);
    expect(said).toEqual([expect.stringContaining('(JOURNAL_UNREACHABLE)'), 'kill: everything is closed']);
  });

  test('a slow start of a journal that is on no server says nothing', async () => {
    const { wait, said, kills } = waiting();
    let asked = 0;
    const slow = deferred();
    const late = (): undefined => {
      asked += 1;
      slow.settle();
    };
    expect(await startWhenReachable(() => slow.promise, { ...wait, late })).toBe(true);
    expect([asked, said, kills()]).toEqual([1, [], 0]);
  });

  test('an attempt that fails after it was late says nothing a second time', async () => {
    const { wait, said, kills } = waiting();
    let starts = 0;
    const start = async (): Promise<void> => {
      starts += 1;
      if (starts > 1) return;
      await eventually('it is late', () => kills() === 1);
      throw away('JOURNAL_UNREACHABLE');
    };
    expect(await startWhenReachable(start, wait)).toBe(true);
    expect([starts, said.length]).toEqual([2, 1]);
  });

  test('a journal that is damaged is not waited for', async () => {
    const started = startWhenReachable(failing(1, 'JOURNAL_CORRUPT').start, waiting().wait);
    await expect(started).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });
});
