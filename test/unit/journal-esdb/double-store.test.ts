import { describe, expect, test } from '@jest/globals';
import { DoubleStore, type Expected } from '../../support/esdb-double/store.js';

const event = (id: string) => ({
  id,
  type: 'T',
  contentType: 'application/json',
  data: Buffer.from('{}'),
  metadata: Buffer.from(''),
});
const batch = (text: string) => text.split('').map(event);

/** A stream that holds events a, b, c. */
function store(): DoubleStore {
  const made = new DoubleStore();
  made.append('s', batch('abc'), 'noStream');
  return made;
}

/** One row for each rule of the server in the reference: a double that is kinder would prove nothing. */
describe('the double compares as the server does', () => {
  const rows: readonly [string, string, Expected, string, number | null][] = [
    ['at the current revision ids are not looked at', 'ab', 2, 'written', 4],
    ['lower: all ids equal at their place', 'bc', 0, 'idempotent', 2],
    ['noStream counts as -1', 'abc', 'noStream', 'idempotent', 2],
    ['noStream: the first ids of the stream', 'ab', 'noStream', 'idempotent', 1],
    ['lower: the first differs', 'xc', 0, 'wrong version', 2],
    ['lower: a later one differs', 'bx', 0, 'wrong version', 2],
    ['lower: more than the stream holds', 'bcd', 0, 'wrong version', 2],
    ['lower: equal ids at another place', 'c', 0, 'wrong version', 2],
    ['higher', 'd', 3, 'wrong version', 2],
    ['any: new', 'd', 'any', 'written', 3],
    ['any: all known', 'bc', 'any', 'idempotent', 2],
    ['any: some known', 'cd', 'any', 'wrong version', 2],
    ['streamExists: new', 'd', 'streamExists', 'written', 3],
    ['streamExists: all known', 'abc', 'streamExists', 'idempotent', 2],
  ];

  test.each(rows)('%s', (_rule, ids, expected, kind, last) => {
    const outcome = store().append('s', batch(ids), expected);
    expect(outcome.kind).toBe(kind);
    expect(outcome).toMatchObject({ [kind === 'wrong version' ? 'actual' : 'last']: last });
  });

  test('any duplicates what it has forgotten', () => {
    const forgetful = store();
    forgetful.forgetRecent();
    expect(forgetful.append('s', batch('abc'), 'any')).toMatchObject({ kind: 'written', last: 5 });
  });

  test.each(['streamExists', 0] as const)('an absent stream does not match %s', (expected) => {
    expect(new DoubleStore().append('s', batch('a'), expected)).toEqual({ kind: 'wrong version', actual: null });
  });
});
