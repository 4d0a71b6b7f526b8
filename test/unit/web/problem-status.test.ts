import { expect, test } from '@jest/globals';
import { configError, networkError } from '../../../src/kernel/errors.js';
import { errorFrom, plainErrorOf } from '../../../src/processes/ipc/plain-error.js';
import { statusOf } from '../../../src/processes/web/common/problem-status.js';

const facts = (code: string) => ({ code, message: 'something', remedy: 'Do something.' });

/** Errors of main as the web receives them: our faults are not the client's. */
test.each<[string, unknown, number]>([
  ['a worker that died', networkError('reconcile', facts('WORKER_DIED')), 503],
  ['too many tasks', networkError('retry', facts('WORKERS_BUSY')), 503],
  ['a disk that is full', configError(facts('VAULT_NOT_WRITTEN')), 503],
  ['a bot that stops', configError(facts('STOPPING')), 503],
  ['a defect', new TypeError('undefined is not a function'), 500],
  ['a secret that is locked now', configError(facts('SECRET_LOCKED')), 409],
  ['a wrong value', configError(facts('SETTINGS_INVALID')), 422],
])('%s', (_, error, status) => {
  expect(statusOf(errorFrom(plainErrorOf(error)))).toBe(status);
});
