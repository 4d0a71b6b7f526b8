import { expect, test } from '@jest/globals';
import type { Answer } from '../../../src/processes/ipc/messages.js';
import { SealAnchoring } from '../../../src/processes/main/seal-anchoring.js';

test('seals that come while a mount does not answer make one more run together, and a failure is logged', async () => {
  const answers: ((answer: Answer) => void)[] = [];
  const errors: unknown[] = [];
  const workers = {
    run: () => new Promise<Answer>((resolve) => answers.push(resolve)),
    close: () => Promise.resolve(),
  };
  const anchoring = new SealAnchoring(workers, { error: (...what) => errors.push(what) });
  for (let seal = 0; seal < 5; seal += 1) anchoring.soon();
  expect(answers).toHaveLength(1);
  const error = {
    kind: 'ConfigError',
    callerMust: 'refuse',
    code: 'X',
    message: 'no',
    remedy: 'r',
    details: {},
  } as const;
  answers[0]?.({ ok: false, error });
  await new Promise(setImmediate);
  expect(errors).toEqual([['the seals could not be anchored', { message: 'no' }]]);
  expect(answers).toHaveLength(2);
  answers[1]?.({ ok: true, value: null });
  await new Promise(setImmediate);
  expect(answers).toHaveLength(2);
  await anchoring.close(0);
  anchoring.soon();
  await new Promise(setImmediate);
  expect(answers).toHaveLength(2);
});
