import { describe, expect, test } from '@jest/globals';
import { LogBudget } from '../../../src/processes/web/common/log-budget.js';
import { TestLog } from '../../support/web.js';

const record = (userId: string | null) => ({
  ...{ request: 'r', method: 'POST', route: '/api/auth/login', status: 401, ms: 1, userId },
});

describe('the log of the web', () => {
  test('a day of strangers without end has a bounded number of lines, and says how many it left out', () => {
    let now = 0;
    const log = new TestLog();
    const budget = new LogBudget(log, () => now);
    const all = 24 * 60 * 60;
    for (let second = 0; second < all; second += 1) {
      now = second * 1_000;
      budget.request(record(null));
    }
    expect(log.requests.length).toBeLessThan(200 + 24 * 60 * 10 + 1);
    const leftOut = log.notes.reduce(
      (sum, note) => sum + Number(/ (\d+) more requests without a log-in/.exec(note)?.[1]),
      0,
    );
    expect(all - log.requests.length - leftOut).toBeLessThan(10);
  });

  test('strangers take no line of a user, and no user one of another', () => {
    const log = new TestLog();
    const budget = new LogBudget(log, () => 0);
    for (let n = 0; n < 1_000; n += 1) budget.request(record(null));
    for (let n = 0; n < 1_000; n += 1) budget.request(record('U-1'));
    budget.request(record('U-2'));
    expect(log.requests.filter(({ userId }) => userId === null)).toHaveLength(200);
    expect(log.requests.filter(({ userId }) => userId === 'U-1')).toHaveLength(600);
    expect(log.requests.filter(({ userId }) => userId === 'U-2')).toHaveLength(1);
  });

  test('failures of one code are bounded, those of another are not hindered', () => {
    const log = new TestLog();
    const budget = new LogBudget(log, () => 0);
    for (let n = 0; n < 1_000; n += 1) budget.failure({ request: 'r', code: 'USERS_DB_UNUSABLE', error: 'x' });
    budget.failure({ request: 'r', code: 'UNEXPECTED', error: 'x' });
    expect(log.failures).toHaveLength(51);
  });
});
