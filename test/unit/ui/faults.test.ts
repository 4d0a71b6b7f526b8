import { expect, test } from '@jest/globals';
import { Problem, type FieldFault } from '../../../src/ui/api/problem.js';
import { faultsOf } from '../../../src/ui/parts/faults.js';

const refusal = (errors: readonly FieldFault[], detail = '2 values are invalid.', remedy = 'Correct what is marked.') =>
  new Problem(422, { detail, remedy, errors });
const fields =
  (...names: readonly string[]) =>
  (field: string): boolean =>
    names.includes(field);

test('each fault stands at its field in whole sentences, and nothing is left to say above the form', () => {
  const refused = refusal([
    { field: 'name', message: 'must be 3 to 40 letters' },
    { field: 'days', message: 'must be a whole number' },
    { field: 'days', message: 'must be at least 1' },
  ]);
  expect(faultsOf(refused, fields('name', 'days'))).toEqual({
    atFields: { name: 'Must be 3 to 40 letters.', days: 'Must be a whole number. Must be at least 1.' },
    all: true,
  });
});

test('a refusal about one field says its remedy there', () => {
  const detail = 'the current password is wrong';
  const refused = refusal([{ field: 'current', message: detail }], detail, 'Enter the one that you log in with.');
  expect(faultsOf(refused, fields('current')).atFields).toEqual({
    current: 'The current password is wrong. Enter the one that you log in with.',
  });
});

test('a fault of a part stands at the whole, and one without a field in sight is said above the form', () => {
  const refused = refusal([
    { field: 'entries.SIMX', message: 'must be a symbol' },
    { field: 'version', message: 'must be the newest' },
  ]);
  expect(faultsOf(refused, fields('entries'))).toEqual({
    atFields: { entries: 'SIMX: must be a symbol.' },
    all: false,
  });
  expect(faultsOf(refusal([]), fields('entries'))).toEqual({ atFields: {}, all: false });
});
