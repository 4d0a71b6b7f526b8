import { describe, expect, test } from '@jest/globals';
import { sumOfLegs } from '../support/legs.js';
import { applyToBook, bookCash, initialBook, type AccountingBook } from '../../src/domain/accounting/book.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import { allLots, netPosition } from '../../src/domain/accounting/lots.js';
import type { LedgerGroup } from '../../src/domain/accounting/types.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { parseClientOrderId, parseSymbol } from '../../src/events/names.js';
import { Broker, CODES } from './support/fills.js';

const SPY = parseSymbol('SPY');
const CHARGES = { commission: '0.35', fee: '0.02' };

interface Played {
  readonly book: AccountingBook;
  readonly groups: readonly LedgerGroup[];
}

function play(events: readonly RecordedEvent[], from = initialBook(CODES)): Played {
  let book = from;
  const groups: LedgerGroup[] = [];
  for (const event of events) {
    const applied = applyToBook(book, event);
    for (const group of applied.groups) expect(sumOfLegs(group.legs)).toBe(0n);
    groups.push(...applied.groups);
    book = applied.book;
  }
  return { book, groups };
}

describe('an execution that crosses zero', () => {
  test.each([
    ['a sale of more than is held', 'close_long', ['SELL', 'SELLSHORT'], '-1'],
    ['a short while long shares are open', 'open_short', ['SELL', 'SELLSHORT'], '-1'],
    ['a cover without a short', 'close_short', ['BUY'], '3'],
  ] as const)('%s is split at zero, as in the account of the broker', (_name, does, trntypes, shares) => {
    const broker = new Broker();
    const { book } = play([broker.filled({ id: 'E1', does: 'open_long', shares: '1', price: '10.00' })]);
    const fill = broker.filled({ id: 'E2', does, shares: '2', price: '11.00', ...CHARGES });
    const { book: after, groups } = play([fill], book);
    expect(groups.map((group) => group.trntype)).toEqual(trntypes);
    expect(groups.map((group) => group.externalId)).toEqual(['E2', 'E2:rest'].slice(0, trntypes.length));
    expect(netPosition(after.lots, SPY).text()).toBe(shares);
    expect(groups.reduce((sum, group) => sum + group.commission + group.fee, 0n)).toBe(37n);
  });
});

describe('execution ids that come again', () => {
  const buy = { id: 'E1', does: 'open_long', shares: '100', price: '10.00', ...CHARGES } as const;

  test('an execution that is busted and booked again under its id counts once, with the figures of the second booking', () => {
    const broker = new Broker();
    const first = { id: '2001', does: 'open_long', shares: '5000', price: '0.32', commission: '6.00' } as const;
    const second = { ...first, commission: '0.00' };
    const { book, groups } = play([broker.filled(first), broker.busted('2001'), broker.filled(second)]);
    expect([netPosition(book.lots, SPY).text(), bookCash(book)]).toEqual(['5000', -1600_00n]);
    expect(groups.map((group) => group.externalId)).toEqual(['2001', '2001:0:back', '2001:1']);
    expect(new Set(groups.map((group) => group.fitid)).size).toBe(3);
    const again = play([broker.busted('2001'), broker.filled(second)], parseBook(serializeBook(book)));
    expect(again.groups.map((group) => group.externalId)).toEqual(['2001:1:back', '2001:2']);
    expect([netPosition(again.book.lots, SPY).text(), bookCash(again.book)]).toEqual(['5000', -1600_00n]);
  });

  test('an execution id that comes again in another order is another execution', () => {
    const broker = new Broker();
    const buys = broker.filled({ id: '1', does: 'open_long', shares: '10', price: '10.00' });
    const again = broker.filled({ id: '1', does: 'open_long', shares: '5', price: '12.00' });
    const other = { ...again, data: { ...again.data, clientOrderId: parseClientOrderId('B01-20131008-9') } };
    const { book, groups } = play([buys, other]);
    expect(allLots(book.lots).map(({ lotId, quantity }) => [lotId, quantity.text()])).toEqual([
      ['1', '10'],
      ['1@B01-20131008-9', '5'],
    ]);
    expect(new Set(groups.map((group) => group.externalId)).size).toBe(2);
    const bust = broker.busted('1');
    const ofOther = { ...bust, data: { ...bust.data, clientOrderId: other.data.clientOrderId } };
    const left = play([ofOther], parseBook(serializeBook(book))).book;
    expect(allLots(left.lots).map(({ lotId }) => lotId)).toEqual(['1']);
  });

  test('a bust older than the executions that the books keep gives back cash, shares and charges', () => {
    const broker = new Broker();
    const old = broker.filled({ ...buy, id: 'OLD' });
    const many = Array.from({ length: 450 }, (_, n) => [
      broker.filled({ id: `B${n}`, does: 'open_long', shares: '1', price: '20.00', symbol: 'AIG' }),
      broker.filled({ id: `S${n}`, does: 'close_long', shares: '1', price: '20.00', symbol: 'AIG' }),
    ]).flat();
    const kept = play([old, ...many]).book;
    const { brokerOrderId, strategy, positionId, side, quantity, price, commission, fee, filledAt, rawSha256 } =
      old.data;
    const original = {
      brokerOrderId,
      strategy,
      positionId,
      side,
      quantity,
      price,
      commission,
      fee,
      filledAt,
      rawSha256,
    };
    const bust = broker.busted('OLD');
    expect(() => applyToBook(kept, bust)).toThrow(expect.objectContaining({ code: 'EXECUTION_UNKNOWN' }));
    const { book, groups } = play([{ ...bust, data: { ...bust.data, original } }], kept);
    expect([netPosition(book.lots, SPY).text(), bookCash(book), book.fees, book.realized]).toEqual(['0', 0n, 0n, 0n]);
    expect(groups.map(({ externalId, datetimeUtc }) => [externalId, datetimeUtc])).toEqual([
      ['OLD:0:back', bust.occurredAt],
    ]);
    const rebooked = play([broker.filled({ ...buy, id: 'OLD' })], parseBook(serializeBook(book)));
    expect(rebooked.groups.map((group) => group.externalId)).toEqual(['OLD:1']);
  });
});
