import { describe, expect, test } from '@jest/globals';
import { applyToBook, bookCash, initialBook, type AccountingBook } from '../../src/domain/accounting/book.js';
import { DEFAULT_MAPPING, type MappingRule } from '../../src/domain/accounting/mapping.js';
import { accountsInRole } from '../../src/domain/accounting/roles.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { recorded } from './support/events.js';
import { Broker, CODES } from './support/fills.js';

/** The rules with one account in the place of another. */
function swapped(from: string, to: string, rules: readonly MappingRule[] = DEFAULT_MAPPING.rules) {
  const swap = (code: string): string => (code === from ? to : code);
  return rules.map((rule) => ({ ...rule, debit: swap(rule.debit), credit: swap(rule.credit) }));
}

function mapped(rules: readonly MappingRule[], position: number): RecordedEvent {
  return recorded('CoaMappingChanged', { version: 2, rules, reason: 'test' }, { position });
}

const bookOf = (events: readonly RecordedEvent[]): AccountingBook =>
  events.reduce((book, event) => applyToBook(book, event).book, initialBook(CODES));

describe('the accounts of a role', () => {
  test('a mapping table lists them, each once', () => {
    expect(accountsInRole('cash', DEFAULT_MAPPING.rules)).toEqual(['1030']);
    expect(accountsInRole('fees', swapped('5010', '5070'))).toEqual(['5070']);
    const special = { event: 'buy_to_open', purpose: 'cost', symbolPattern: 'SPY', debit: '1111', credit: '1110' };
    expect(accountsInRole('cash', [special, ...DEFAULT_MAPPING.rules])).toEqual(['1030', '1110']);
  });

  test.each([
    ['gives broker cash another role', swapped('3030', '1030'), 'account 1030 is broker cash'],
    ['makes broker cash of an account with postings', swapped('1030', '1111'), 'account 1111 has postings'],
  ])('a table that %s is refused', (_name, rules, words) => {
    const broker = new Broker();
    const buy = broker.filled({ id: 'E1', does: 'open_long', shares: '1', price: '9.00' });
    expect(() => bookOf([broker.opening('1000.00'), buy, mapped(rules, 3)])).toThrow(
      expect.objectContaining({ code: 'BAD_MAPPING', message: expect.stringContaining(words) }),
    );
  });

  test('broker cash is the balance of the old and the new account', () => {
    const broker = new Broker();
    const opening = broker.opening('1000.00');
    broker.position = 2;
    const buy = broker.filled({ id: 'E1', does: 'open_long', shares: '1', price: '9.00' });
    const book = bookOf([opening, mapped(swapped('1030', '1110'), 2), buy]);
    expect([book.cashAccounts, bookCash(book)]).toEqual([['1030', '1110'], 991_00n]);
  });

  test('a broker cash account without postings may get another role', () => {
    const book = bookOf([mapped(swapped('4050', '1030', swapped('1030', '1110')), 1)]);
    expect(book.cashAccounts).toEqual(['1110']);
  });
});
