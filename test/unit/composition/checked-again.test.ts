import { expect, test } from '@jest/globals';
import { CHECK_AGAIN_MS, checkedAgain } from '../../../src/composition/checked-again.js';
import type { BrokerCheck } from '../../../src/ports/broker-connection.js';

/** Checks that fail `failures` times, and the number of times that they were asked for. */
function checksFailing(failures: number, mayPass = true) {
  let asked = 0;
  const check = (): Promise<readonly BrokerCheck[]> => {
    asked += 1;
    const result = { name: 'account', ok: asked > failures, cause: `try ${asked}`, remedy: 'Ask again.' };
    return Promise.resolve([mayPass ? { ...result, mayPass } : result]);
  };
  return { check, asked: () => asked };
}

test.each([
  [0, 1, true],
  [2, 3, true],
  [9, 3, false],
])('checks that fail %i times are asked for %i times, and pass: %s', async (failures, times, passes) => {
  const { check, asked } = checksFailing(failures);
  const pauses = CHECK_AGAIN_MS.map(() => 1);
  expect((await checkedAgain(check, pauses)).map(({ ok }) => ok)).toEqual([passes]);
  expect(asked()).toBe(times);
});

test('what only a person can end is reported at once', async () => {
  const { check, asked } = checksFailing(1, false);
  expect((await checkedAgain(check, [1, 1])).map(({ ok }) => ok)).toEqual([false]);
  expect(asked()).toBe(1);
});
