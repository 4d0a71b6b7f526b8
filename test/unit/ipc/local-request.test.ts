import { describe, expect, test } from '@jest/globals';
import { parseLocalRequest } from '../../../src/processes/ipc/local-request.js';

const SETTINGS = {
  changes: { MAX_TRADES: '3' },
  withdraw: ['MIN_PRICE'],
  confirmNoTrading: false,
  reason: 'as agreed',
};
const ask = (change: object): unknown => parseLocalRequest({ ask: 'settings', request: { ...SETTINGS, ...change } });
const many = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `KEY_${n}`);

describe('a change of settings over the local socket', () => {
  test('comes through as it was asked, and nothing that was not asked', () => {
    expect(ask({ more: 1 })).toEqual({ ask: 'settings', request: SETTINGS });
    expect(ask({ changes: {}, withdraw: [] })).toMatchObject({ request: { changes: {}, withdraw: [] } });
    expect(ask({ reason: 'capital \ud83d\udcb6' })).toMatchObject({ request: { reason: 'capital \ud83d\udcb6' } });
  });

  test('a name that reaches behind an object is a name', () => {
    const request = JSON.parse('{"__proto__":"x","constructor":"y"}') as object;
    const parsed = ask({ changes: request }) as { readonly request: { readonly changes: object } };
    expect(Object.entries(parsed.request.changes)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect('polluted' in {}).toBe(false);
  });

  test.each([
    ['changes that are no object', { changes: ['MAX_TRADES=3'] }, 'no object'],
    ['a change that is no text', { changes: { MAX_TRADES: 3 } }, 'MAX_TRADES is no text'],
    ['a change of 10,001 characters', { changes: { MAX_TRADES: '3'.repeat(10_001) } }, 'of at most 10000'],
    ['301 changes', { changes: Object.fromEntries(many(301).map((key) => [key, '1'])) }, '301 entries, of at most 300'],
    ['withdrawals that are no list', { withdraw: { length: 1 } }, 'withdraw is no list'],
    ['a withdrawal that is no text', { withdraw: [null] }, '0 is no text'],
    ['301 withdrawals', { withdraw: many(301) }, '301 entries, of at most 300'],
    ['a confirmation as text', { confirmNoTrading: 'false' }, 'neither true nor false'],
    ['no reason', { reason: undefined }, 'reason is no text'],
    ['half of a character in the reason', { reason: 'half \ud83d of one' }, 'reason has half of a character'],
    ['half of a character in a change', { changes: { MIN_PRICE: '\udcb6' } }, 'MIN_PRICE has half of a character'],
  ])('%s is refused', (_, change, why) => {
    expect(() => ask(change)).toThrow(why);
  });
});
