import { describe, expect, test } from '@jest/globals';
import { balanceOf } from '../../src/domain/accounting/balances.js';
import { sumOfLegs } from '../support/legs.js';
import {
  applyToBook,
  bookCash,
  initialBook,
  type AccountingBook,
  type Applied,
} from '../../src/domain/accounting/book.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import { DEFAULT_COA } from '../../src/domain/accounting/coa.js';
import { allLots, netPosition } from '../../src/domain/accounting/lots.js';
import { DEFAULT_MAPPING } from '../../src/domain/accounting/mapping.js';
import { balanceSheet, incomeStatement, trialBalance } from '../../src/domain/accounting/trial-balance.js';
import type { LedgerGroup } from '../../src/domain/accounting/types.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { parseSymbol } from '../../src/events/names.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import type { UtcText } from '../../src/kernel/time.js';
import { recorded } from './support/events.js';
import { Broker, CODES } from './support/fills.js';

const SPY = parseSymbol('SPY');

interface Played {
  readonly book: AccountingBook;
  readonly steps: readonly Applied[];
  readonly groups: readonly LedgerGroup[];
}

/** Folds events; after each, everything posted so far sums to zero. */
function play(events: readonly RecordedEvent[], from = initialBook(CODES)): Played {
  let book = from;
  const steps: Applied[] = [];
  for (const event of events) {
    const applied = applyToBook(book, event);
    for (const group of applied.groups) expect(sumOfLegs(group.legs)).toBe(0n);
    steps.push(applied);
    book = applied.book;
  }
  return { book, steps, groups: steps.flatMap((step) => step.groups) };
}

/** `1111 D 1000.00` for people to read. */
function legsOf(group: LedgerGroup | undefined): readonly string[] {
  return (group?.legs ?? []).map((leg) => {
    const amount = leg.debit + leg.credit;
    return `${leg.accountCode} ${leg.debit > 0n ? 'D' : 'C'} ${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`;
  });
}
const balance = (book: AccountingBook, code: string): bigint => balanceOf(book.balances, code);
const CHARGES = { commission: '0.35', fee: '0.02' };

function activity(type: EventData<'BrokerActivityImported'>['activityType'], amount: string, position: number) {
  return recorded(
    'BrokerActivityImported',
    {
      activityId: `A-${position}`,
      activityType: type,
      amount: amount as DecimalText,
      symbol: type.startsWith('dividend') ? SPY : null,
      adjustmentId: null,
      happenedAt: '2013-10-07T20:00:00.001Z' as UtcText,
      description: type,
      rawSha256: sha256Hex('raw'),
    },
    { position },
  );
}

function float(direction: 'inject' | 'return', source: EventData<'FloatAdjusted'>['source'], position: number) {
  const data = { adjustmentId: `FA-${position}`, amount: '5000.00' as DecimalText, direction, source, reason: 'test' };
  return recorded('FloatAdjusted', data, { position });
}

describe('posting table', () => {
  test('opening cash and position against 3030', () => {
    const broker = new Broker();
    const position = {
      symbol: SPY,
      quantity: '10' as DecimalText,
      cost: '1600.00' as DecimalText,
      basis: 'COST' as const,
      acquiredAt: '2012-01-03T15:00:00.000Z' as UtcText,
    };
    const { groups, book } = play([broker.opening('100000.00', [position])]);
    expect(groups.map(legsOf)).toEqual([
      ['1030 D 100000.00', '3030 C 100000.00'],
      ['1111 D 1600.00', '3030 C 1600.00'],
    ]);
    expect(groups.map((group) => group.netAmount)).toEqual([100_000_00n, 0n]);
    expect(allLots(book.lots).map((lot) => [lot.openedAt, lot.amount])).toEqual([
      ['2012-01-03T15:00:00.000Z', 1600_00n],
    ]);
    expect(() => play([broker.opening('1.00')], book)).toThrow(expect.objectContaining({ code: 'OPENING_TWICE' }));
  });

  test('buy to open, then sell to close with a gain, commission and fee in the same group', () => {
    const broker = new Broker();
    const { groups } = play([
      broker.filled({ id: 'E1', does: 'open_long', shares: '100', price: '10.00', ...CHARGES }),
      broker.filled({ id: 'E2', does: 'close_long', shares: '60', price: '10.50', ...CHARGES }),
    ]);
    expect(groups.map(legsOf)).toEqual([
      ['1111 D 1000.00', '1030 C 1000.00', '5010 D 0.35', '1030 C 0.35', '5010 D 0.02', '1030 C 0.02'],
      [
        ...['1030 D 630.00', '1111 C 600.00', '4060 C 30.00'],
        ...['5010 D 0.35', '1030 C 0.35', '5010 D 0.02', '1030 C 0.02'],
      ],
    ]);
    expect(groups.map((group) => [group.trntype, group.action, group.netAmount])).toEqual([
      ['BUY', 'long', -1000_37n],
      ['SELL', 'long', 629_63n],
    ]);
  });

  test('a loss is a debit, and each term has its account', () => {
    const broker = new Broker();
    const at = (year: string): string => `${year}-10-07T14:00:00.001Z`;
    const { groups } = play([
      broker.filled({ id: 'E1', does: 'open_long', shares: '10', price: '10.00', at: at('2011') }),
      broker.filled({ id: 'E2', does: 'open_long', shares: '10', price: '12.00', at: at('2013') }),
      broker.filled({ id: 'E3', does: 'close_long', shares: '20', price: '11.00', at: at('2013') }),
    ]);
    expect(legsOf(groups[2])).toEqual(['1030 D 220.00', '1111 C 220.00', '4060 D 10.00', '4070 C 10.00']);
  });

  test('sell short and buy to cover', () => {
    const broker = new Broker();
    const { groups, book } = play([
      broker.filled({ id: 'E1', does: 'open_short', shares: '10', price: '10.00' }),
      broker.filled({ id: 'E2', does: 'close_short', shares: '4', price: '11.00' }),
      broker.filled({ id: 'E3', does: 'close_short', shares: '6', price: '9.00' }),
    ]);
    expect(groups.map(legsOf)).toEqual([
      ['1030 D 100.00', '2110 C 100.00'],
      ['2110 D 40.00', '1030 C 44.00', '4060 D 4.00'],
      ['2110 D 60.00', '1030 C 54.00', '4060 C 6.00'],
    ]);
    expect(groups.map((group) => group.trntype)).toEqual(['SELLSHORT', 'BUYTOCOVER', 'BUYTOCOVER']);
    expect([balance(book, '2110'), balance(book, '4060')]).toEqual([0n, -2_00n]);
  });

  test('a commission rebate reverses the pair', () => {
    const rebate = new Broker().filled({
      id: 'E1',
      does: 'open_long',
      shares: '1',
      price: '1.00',
      commission: '-0.10',
    });
    expect(legsOf(play([rebate]).groups[0])).toEqual(['1111 D 1.00', '1030 C 1.00', '1030 D 0.10', '5010 C 0.10']);
  });

  test('float: in transit when acknowledged, cash when the broker shows it; the opening float is already booked', () => {
    const { groups, book } = play([
      float('inject', 'opening-balance', 1),
      float('inject', 'acknowledged-transfer', 2),
      activity('deposit', '5000.00', 3),
      float('return', 'acknowledged-transfer', 4),
      activity('withdrawal', '5000.00', 5),
    ]);
    expect(groups.map(legsOf)).toEqual([
      ['1010 D 5000.00', '3010 C 5000.00'],
      ['1030 D 5000.00', '1010 C 5000.00'],
      ['3010 D 5000.00', '1020 C 5000.00'],
      ['1020 D 5000.00', '1030 C 5000.00'],
    ]);
    expect(groups.map((group) => group.netAmount)).toEqual([0n, 5000_00n, 0n, -5000_00n]);
    expect([...book.balances.values()].every((sum) => sum === 0n)).toBe(true);
  });

  test('dividends, interest and broker fees', () => {
    const { groups } = play([
      activity('dividend', '3.00', 1),
      activity('dividend_on_short', '2.00', 2),
      activity('interest', '1.00', 3),
      activity('fee', '4.00', 4),
    ]);
    expect(groups.map(legsOf)).toEqual([
      ['1030 D 3.00', '4050 C 3.00'],
      ['5010 D 2.00', '1030 C 2.00'],
      ['1030 D 1.00', '4055 C 1.00'],
      ['5010 D 4.00', '1030 C 4.00'],
    ]);
    expect(groups.map((group) => group.netAmount)).toEqual([3_00n, -2_00n, 1_00n, -4_00n]);
  });
});

describe('events that cannot be booked', () => {
  test('an execution that is already open', () => {
    const broker = new Broker();
    const buy = { id: 'E1', does: 'open_long', shares: '1', price: '10.00' } as const;
    expect(() => play([broker.filled(buy), broker.filled(buy)])).toThrow(
      expect.objectContaining({ code: 'EXECUTION_TWICE' }),
    );
  });

  test('a bust of an execution unknown to the books', () => {
    expect(() => play([new Broker().busted('E9')])).toThrow(expect.objectContaining({ code: 'EXECUTION_UNKNOWN' }));
  });

  test('an amount below one cent opens a lot but books no group', () => {
    const dust = new Broker().filled({ id: 'E1', does: 'open_long', shares: '0.000001', price: '10.00' });
    const { groups, book } = play([dust]);
    expect([groups.length, netPosition(book.lots, SPY).text()]).toEqual([0, '0.000001']);
  });
});

describe('busts and corrections', () => {
  const buy = { id: 'E1', does: 'open_long', shares: '100', price: '10.00', ...CHARGES } as const;
  const sale = { id: 'E2', does: 'close_long', shares: '100', price: '11.00', ...CHARGES } as const;

  test('a bust mirrors the legs, names the reversed group and restores the lot', () => {
    const broker = new Broker();
    const { groups, book } = play([broker.filled(buy), broker.filled(sale), broker.busted('E2')]);
    const [, sold, back] = groups;
    expect(back?.reverses).toBe(sold?.groupId);
    expect(back?.legs.map((leg) => [leg.accountCode, leg.credit, leg.debit])).toEqual(
      sold?.legs.map((leg) => [leg.accountCode, leg.debit, leg.credit]),
    );
    expect(back?.netAmount).toBe(-(sold?.netAmount ?? 0n));
    const bought = play([new Broker().filled(buy)]).book;
    expect([book.lots, balance(book, '4060')]).toEqual([bought.lots, 0n]);
    expect([...bought.balances].map(([code]) => balance(book, code))).toEqual([...bought.balances.values()]);
  });

  test('a bust of the purchase after the sale leaves a short position, as at the broker', () => {
    const broker = new Broker();
    const { book, steps } = play([broker.filled(buy), broker.filled(sale), broker.busted('E1')]);
    expect(netPosition(book.lots, SPY).text()).toBe('-100');
    expect([balance(book, '1111'), balance(book, '2110'), balance(book, '4060')]).toEqual([0n, -1100_00n, 0n]);
    expect(steps.flatMap((step) => step.closures).reduce((sum, closure) => sum + closure.gain, 0n)).toBe(0n);
  });

  test('the purchase booked again under a new id covers that short, and the gain is unchanged', () => {
    const broker = new Broker();
    const { book } = play([
      broker.filled(buy),
      broker.filled(sale),
      broker.busted('E1'),
      broker.filled({ ...buy, id: 'E3' }),
    ]);
    const straight = play([new Broker().filled(buy), new Broker().filled(sale)]).book;
    expect(book.balances.get('4060')).toBe(-100_00n);
    expect(bookCash(book)).toBe(bookCash(straight));
    expect(allLots(book.lots)).toEqual([]);
  });

  test('a corrected purchase price changes the gain of the later sale', () => {
    const broker = new Broker();
    const { book, groups } = play([
      broker.filled(buy),
      broker.filled(sale),
      broker.corrected({ ...buy, id: 'E1b', price: '9.90', corrects: 'E1' }),
    ]);
    expect([balance(book, '1111'), balance(book, '4060')]).toEqual([0n, -110_00n]);
    expect(groups.map((group) => group.externalId)).toEqual(['E1', 'E2', 'E2:0:back', 'E1:0:back', 'E1b', 'E2:1']);
    expect(new Set(groups.map((group) => group.fitid)).size).toBe(groups.length);
  });

  test('a correction under the same execution id is another group', () => {
    const broker = new Broker();
    const { groups } = play([broker.filled(buy), broker.corrected({ ...buy, price: '9.90', corrects: 'E1' })]);
    expect(groups.map((group) => group.externalId)).toEqual(['E1', 'E1:0:back', 'E1:1']);
  });
});

describe('chart, mapping and checkpoint', () => {
  test('a posting records the mapping version, and an unmapped activity waits for its rule', () => {
    const rules = DEFAULT_MAPPING.rules.filter((rule) => rule.event !== 'interest');
    const { groups, book } = play([
      recorded('CoaMappingChanged', { version: 2, rules, reason: 'no interest' }, { position: 1 }),
      activity('interest', '1.00', 2),
    ]);
    expect([groups.length, book.pending.length]).toEqual([0, 1]);
    const again = recorded('CoaMappingChanged', { ...DEFAULT_MAPPING, version: 3 }, { position: 3 });
    const posted = applyToBook(parseBook(serializeBook(book)), again);
    expect(posted.groups.map((group) => [group.externalId, group.mappingVersion])).toEqual([['A-2', 3]]);
    expect(posted.book.pending).toEqual([]);
  });

  test('the first matching rule wins: one symbol before all symbols', () => {
    const special = { event: 'buy_to_open', purpose: 'cost', symbolPattern: 'SP*', debit: '1110', credit: '1030' };
    const rules = [special, ...DEFAULT_MAPPING.rules];
    const broker = new Broker();
    const { book } = play([recorded('CoaMappingChanged', { version: 2, rules, reason: 'x' })]);
    const spy = applyToBook(book, broker.filled({ id: 'E1', does: 'open_long', shares: '1', price: '1.00' }));
    const aig = applyToBook(
      book,
      broker.filled({ id: 'E2', does: 'open_long', shares: '1', price: '1.00', symbol: 'AIG' }),
    );
    expect([legsOf(spy.groups[0])[0], legsOf(aig.groups[0])[0]]).toEqual(['1110 D 1.00', '1111 D 1.00']);
  });

  test.each([
    ['a control account', { debit: '9110' }, 'does not accept postings'],
    ['an unknown account', { debit: '1' }, 'not in the chart'],
    ['an unknown event', { event: 'gift' }, 'unknown event or purpose'],
  ])('a table with %s is refused', (_name, change, words) => {
    const [first, ...rest] = DEFAULT_MAPPING.rules;
    const rules = [{ ...first, ...change } as (typeof rest)[number], ...rest];
    const event = recorded('CoaMappingChanged', { version: 2, rules, reason: 'x' });
    expect(() => play([event])).toThrow(
      expect.objectContaining({ code: 'BAD_MAPPING', message: expect.stringContaining(words) }),
    );
  });

  test('a mapping version cannot decrease', () => {
    const [first, ...rest] = DEFAULT_MAPPING.rules;
    const rules = [{ ...first, debit: '1110' } as (typeof rest)[number], ...rest];
    const event = recorded('CoaMappingChanged', { version: 1, rules, reason: 'x' });
    expect(() => play([event])).toThrow(expect.objectContaining({ code: 'MAPPING_VERSION_BACK' }));
  });

  test('a chart with a cycle of parents is refused', () => {
    const accounts = DEFAULT_COA.accounts.map((account) =>
      account.code === '1000' ? { ...account, parent: '1030' } : account,
    );
    const event = recorded('CoaChanged', { ...DEFAULT_COA, accounts });
    expect(() => play([event])).toThrow(expect.objectContaining({ code: 'BAD_COA' }));
  });

  test('books restored from a checkpoint continue without a difference', () => {
    const broker = new Broker();
    const first = [
      broker.opening('1000.00'),
      broker.filled({ id: 'E1', does: 'open_long', shares: '3', price: '3.33' }),
    ];
    const then = [broker.filled({ id: 'E2', does: 'close_long', shares: '1', price: '4.00' }), broker.busted('E1')];
    const { book } = play(first);
    const resumed = play(then, parseBook(serializeBook(book)));
    expect(resumed.groups).toEqual(play(then, book).groups);
    expect(serializeBook(parseBook(serializeBook(resumed.book)))).toBe(serializeBook(resumed.book));
  });
});

describe('statements', () => {
  test('F16 trial balance, income statement and balance sheet agree', () => {
    const broker = new Broker();
    const { book } = play([
      broker.opening('10000.00'),
      broker.filled({ id: 'E1', does: 'open_long', shares: '100', price: '10.00', ...CHARGES }),
      broker.filled({ id: 'E2', does: 'close_long', shares: '50', price: '12.00', ...CHARGES }),
    ]);
    const trial = trialBalance(book.balances, book.coa.accounts);
    expect([trial.balanced, trial.debit]).toEqual([true, trial.credit]);
    const income = incomeStatement(book.balances, book.coa.accounts);
    expect(income.net).toBe(100_00n - 74n);
    const sheet = balanceSheet(book.balances, book.coa.accounts);
    expect(sheet.totalEquity).toBe(sheet.totalAssets - sheet.totalLiabilities);
    expect(sheet.totalEquity).toBe(10_000_00n + income.net);
    expect(sheet.profit).toBe(income.net);
  });

  test('F18 the gain of the second round trip does not depend on the first', () => {
    const broker = new Broker();
    const trip = (n: number, entry: string, exit: string): readonly RecordedEvent[] => [
      broker.filled({ id: `B${n}`, does: 'open_long', shares: '10', price: entry }),
      broker.filled({ id: `S${n}`, does: 'close_long', shares: '10', price: exit }),
    ];
    const { steps } = play([...trip(1, '10.00', '11.00'), ...trip(2, '20.00', '21.00'), ...trip(3, '30.00', '29.00')]);
    expect(steps.flatMap((step) => step.closures).map((closure) => closure.gain)).toEqual([10_00n, 10_00n, -10_00n]);
  });

  test('F17 each execution counts with its own quantity: three partial fills equal one whole', () => {
    const broker = new Broker();
    const part = (id: string, shares: string): RecordedEvent =>
      broker.filled({ id, does: 'open_long', shares, price: '10.00' });
    const parts = play([part('E1', '30'), part('E2', '30'), part('E3', '40')]).book;
    const whole = play([part('E4', '100')]).book;
    expect(parts.balances).toEqual(whole.balances);
    expect(netPosition(parts.lots, SPY).text()).toBe('100');
  });

  test('F21 the same facts always give the same FITID', () => {
    const words = { id: 'E1', does: 'open_long', shares: '1', price: '1.00' } as const;
    const one = play([new Broker().filled(words)]).groups[0];
    const later = new Broker();
    later.position = 500;
    const two = play([later.filled(words)]).groups[0];
    expect(two?.sourcePosition).not.toBe(one?.sourcePosition);
    expect(two?.fitid).toBe(one?.fitid);
    expect(play([new Broker().filled({ ...words, price: '1.01' })]).groups[0]?.fitid).not.toBe(one?.fitid);
  });
});
