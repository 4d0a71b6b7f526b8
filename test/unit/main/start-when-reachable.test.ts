import { describe, expect, test } from '@jest/globals';
import { journalError, type TradeBotError } from '../../../src/kernel/errors.js';
import { startWhenReachable } from '../../../src/processes/main/start-when-reachable.js';

const away = (code: string): TradeBotError =>
  journalError('retry', { code, message: 'no program accepts connections', remedy: 'Start the server.' });

/** A start that fails so often before it is made. */
function failing(times: number, code = 'JOURNAL_UNREACHABLE') {
  let starts = 0;
  const start = (): Promise<void> => {
    starts += 1;
    return starts > times ? Promise.resolve() : Promise.reject(away(code));
  };
  return { start, starts: () => starts };
}

function waiting(stopAsked: Promise<unknown> = new Promise(() => undefined), killed?: string) {
  const said: string[] = [];
  let kills = 0;
  const obeyKill = (): Promise<string | undefined> => {
    kills += 1;
    return Promise.resolve(killed);
  };
  return { wait: { obeyKill, stopAsked, notice: (line: string) => void said.push(line) }, said, kills: () => kills };
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

  test('a journal that is damaged is not waited for', async () => {
    const started = startWhenReachable(failing(1, 'JOURNAL_CORRUPT').start, waiting().wait);
    await expect(started).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });
});
