import { expect, test } from '@jest/globals';
import { ruleFigures, ruleWords, universe } from '../../../src/ui/pages/universe/messages.js';

const RULES = [
  { ok: true, rule: 'exchange', value: 'NASDAQ', limit: 'NYSE,NASDAQ' },
  { ok: false, rule: 'market cap', value: '12000000', limit: '300000000 to 10000000000' },
  { ok: false, rule: 'volume', value: '10', limit: '500000' },
];
const PENNY = { symbol: 'PENNY', date: '2013-10-04', listed: true, rules: RULES } as const;

test('the answer names the first rule that keeps a symbol out, with its figures', () => {
  const { verdict } = universe.why;
  expect(verdict({ ...PENNY, chosen: false, rank: null })).toBe(
    'PENNY is not in the universe of 2013-10-04: market cap is 12,000,000, wanted is 300,000,000 to 10,000,000,000.',
  );
  expect(verdict({ ...PENNY, chosen: true, rank: 2 })).toContain('rank 2');
  expect(verdict({ ...PENNY, chosen: false, listed: false, rank: null })).toContain('no provider lists it');
});

test('codes and figures of rules are words', () => {
  expect(ruleWords('PRICE_BELOW_MIN')).toBe('price below minimum');
  expect(ruleFigures('NYSE,NASDAQ')).toBe('NYSE, NASDAQ');
  expect(ruleFigures('1.5 to 2000')).toBe('1.5 to 2,000');
});
