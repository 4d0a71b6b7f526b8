import { expect, test } from '@jest/globals';
import { endText, remedyText, ruleText, valuesText } from '../../../src/ui/pages/decisions/text.js';

test('the values of a rule are named in words, without ids', () => {
  const figures = {
    positionId: '2026-01-05/open/AIG',
    exitReason: 'stop_loss',
    exitPrice: '1250.5',
    MAX_TRADES: '4',
    marketCap: '50614200000',
    netPnl: '-4.38',
  };
  expect(valuesText(figures)).toBe(
    'exit reason stop loss, exit price 1,250.5, MAX_TRADES 4, market cap 50,614,200,000, net P&L \u22124.38',
  );
});

test('a strategy of an open session may still start; after the session it never did', () => {
  const ended = (session: string) => endText({ code: 'NEVER_STARTED', figures: { session } });
  expect([ended('open'), ended('completed')]).toEqual(['has not started yet', 'strategy not started']);
});

test('what the broker does not allow is named with its answer and what can be done', () => {
  expect(ruleText('NOT_SHORTABLE')).toBe('the broker does not let the symbol be sold short');
  expect(valuesText({ brokerSays: 'not to be sold short' })).toBe('broker says not to be sold short');
  expect(remedyText('NOT_SHORTABLE')).toContain('InverseETF');
  expect(remedyText('INSIDE_RANGE')).toBe('');
});

test('a rule without a text is shown by the words of its code', () => {
  expect(ruleText('MY_OWN_RULE')).toBe('my own rule');
});

test('a strategy that runs may still rank and decide', () => {
  const ended = (code: string, strategy: string) => endText({ code, figures: { session: 'open', strategy } });
  expect([ended('UNDECIDED', 'RUNNING'), ended('NOT_RANKED', 'RUNNING')]).toEqual([
    'no decision yet',
    'candidates are not ranked yet',
  ]);
  expect([ended('UNDECIDED', 'ENDED'), ended('NOT_RANKED', 'UNFINISHED')]).toEqual([
    'no decision before the strategy ended',
    'the strategy ended before it ranked candidates',
  ]);
});
