import { expect, test } from '@jest/globals';
import { configError, networkError, ofField } from '../../../src/kernel/errors.js';
import { errorFrom, plainErrorOf } from '../../../src/processes/ipc/plain-error.js';
import { problemOf, type ProblemReader } from '../../../src/processes/web/common/problem.js';
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

/** An error of a code that no page knows may name files and figures of the machine. */
test.each<[ProblemReader, string, boolean]>([
  ['stranger', 'SOME_NEW_CODE', false],
  ['stranger', 'USERS_DB_UNUSABLE', false],
  ['stranger', 'WRONG_PASSWORD', true],
  ['stranger', 'PASSWORD_TOO_SHORT', true],
  ['set-up', 'SOME_NEW_CODE', true],
  ['set-up', 'USERS_DB_UNUSABLE', false],
  ['user', 'SOME_NEW_CODE', true],
  ['user', 'USERS_DB_UNUSABLE', true],
])('what a %s reads of %s', (reader, code, shown) => {
  const error = configError({ code, message: 'the file /home/bot/storage/x is full', remedy: 'See /home/bot.' });
  const { detail, remedy } = problemOf(error, reader);
  expect((detail + remedy).includes('/home/bot')).toBe(shown);
});

test('a refusal of a value names its field to the form, also from another process', () => {
  const refuse = (): never => {
    throw configError(facts('NOT_A_NUMBER'));
  };
  const thrown = ((): unknown => {
    try {
      return ofField('price', refuse);
    } catch (error) {
      return errorFrom(plainErrorOf(error));
    }
  })();
  expect(problemOf(thrown, 'user')).toMatchObject({ status: 422, errors: [{ field: 'price', message: 'something' }] });
});
