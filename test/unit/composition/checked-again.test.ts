import { expect, test } from '@jest/globals';
import { CHECK_AGAIN_MS, checkedAgain } from '../../../src/composition/checked-again.js';
import type { BrokerCheck } from '../../../src/ports/broker-connection.js';

/** Checks that fail `failures` times, and the number of times that they were asked for. */
function checksFailing(failures: number) {
  let asked = 0;
  const check = (): Promise<readonly BrokerCheck[]> => {
    asked += 1;
    return Promise.resolve([{ name: 'account', ok: asked > failures, cause: `try ${asked}`, remedy: 'Ask again.' }]);
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
