import { expect, test } from '@jest/globals';
import { newYorkTime } from '../../../src/ui/lib/format.js';
import { adjustmentOf, RequestIds, type TypedAdjustment } from '../../../src/ui/pages/books/request.js';
import { effectOf, requestOf, type Mismatch, type Resolution } from '../../../src/ui/pages/inbox/effect.js';

const TYPED: TypedAdjustment = {
  ...{ side: '', symbol: 'AIG', quantity: '5', price: '20.50', cash: ' -0.35 ', account: '', at: '', settles: '' },
  reason: ' a fee ',
};

test('an adjusting entry carries what was typed, and shares only while they move', () => {
  expect(adjustmentOf(TYPED, 'r1')).toEqual({ cash: '-0.35', reason: 'a fee', requestId: 'r1' });
  expect(adjustmentOf({ ...TYPED, side: 'buy', cash: '' }, 'r1')).toEqual({
    ...{ side: 'buy', symbol: 'AIG', quantity: '5', price: '20.50', reason: 'a fee', requestId: 'r1' },
  });
});

test('the same values keep their id until they are booked, whatever the reason says', () => {
  let made = 0;
  const ids = new RequestIds(() => `id-${(made += 1)}`);
  const entry = { amount: '5', reason: 'first' };
  expect([ids.of(entry), ids.of({ ...entry, reason: 'better' })]).toEqual(['id-1', 'id-1']);
  expect([ids.of({ ...entry, amount: '6' }), ids.of(entry)]).toEqual(['id-2', 'id-3']);
  ids.booked();
  expect(ids.of(entry)).toBe('id-4');
});

test('a split names the shares that the broker has, and sends nothing else', () => {
  const of = { mismatchId: 'BM-1', subject: 'position', symbol: 'AIG', broker: '20', difference: '15' } as Mismatch;
  const typed: Resolution = { take: 'split', price: '1', against: 'cash', entryId: 'AE-1', until: '', reason: 'split' };
  expect(effectOf(of, typed)[0]).toContain('AIG is booked as 20 shares');
  expect(requestOf(of, typed)).toEqual({ mismatchId: 'BM-1', take: 'split', reason: 'split' });
});

test('the clock of the bot is shown as weekday and time in New York, in winter and in summer', () => {
  expect(newYorkTime('2026-01-10T15:00:59.000Z')).toBe('Sat 10:00 ET');
  expect(newYorkTime('2026-07-06T04:05:00.000Z')).toBe('Mon 00:05 ET');
});
