import { describe, expect, test } from '@jest/globals';
import { sumOfLegs } from '../support/legs.js';
import { adjustmentFault } from '../../src/domain/accounting/adjustment.js';
import { applyToBook, bookCash, initialBook } from '../../src/domain/accounting/book.js';
import { netPosition } from '../../src/domain/accounting/lots.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { parseClientOrderId, parseSymbol } from '../../src/events/names.js';
import type { DecimalText } from '../../src/kernel/decimal.js';
import { TradeBotError } from '../../src/kernel/errors.js';
import { sha256Hex } from '../../src/kernel/hash.js';
import { parseUtcText, type UtcText } from '../../src/kernel/time.js';
import { brokerFactRefused, refusedFactId } from '../../src/trading/orders/refused-facts.js';
import { recorded } from './support/events.js';
import { Broker, CODES } from './support/fills.js';

const SPY = parseSymbol('SPY');
type Adjustment = EventData<'AdjustmentBooked'>;

function adjustment(change: Partial<Adjustment>): RecordedEvent<'AdjustmentBooked'> {
  const bookedFor = '2013-10-07T15:00:00.001Z' as UtcText;
  const none = { settles: null, shares: null, cash: '0.00' as DecimalText, account: null };
  const data = { adjustmentId: parseClientOrderId('AE-7'), bookedFor, reason: 'fill refused', ...none, ...change };
  return recorded('AdjustmentBooked', data, { at: bookedFor, position: 9 });
}

const shares = (side: 'buy' | 'sell', quantity: string): Adjustment['shares'] => ({
  symbol: SPY,
  side,
  quantity: quantity as DecimalText,
  price: '11.00' as DecimalText,
});

describe('adjusting entries', () => {
  const bought = applyToBook(
    initialBook(CODES),
    new Broker().filled({ id: 'E1', does: 'open_long', shares: '10', price: '10.00' }),
  ).book;

  test('shares of a refused sale leave by the open lots, with their charges against an account', () => {
    const event = adjustment({
      settles: 'RF-1',
      shares: shares('sell', '4'),
      cash: '-0.35' as DecimalText,
      account: '5010',
    });
    const { book, groups, closures } = applyToBook(bought, event);
    expect([netPosition(book.lots, SPY).text(), bookCash(book)]).toEqual(['6', -100_00n + 44_00n - 35n]);
    expect(closures.map(({ gain }) => gain)).toEqual([4_00n]);
    expect(groups.map(({ trntype, externalId }) => [trntype, externalId])).toEqual([
      ['SELL', expect.stringMatching(/^AE-7\/[0-9a-f-]{36}$/)],
      ['ADJUSTMENT', null],
    ]);
    expect(groups[0]?.description).toBe('Sell 4 SPY at 11.00 (adjustment for RF-1: fill refused)');
    for (const group of groups) expect(sumOfLegs(group.legs)).toBe(0n);
  });

  test('shares beyond those held open the other side', () => {
    const { book } = applyToBook(bought, adjustment({ shares: shares('sell', '15') }));
    expect(netPosition(book.lots, SPY).text()).toBe('-5');
  });

  test('cash alone comes in against an account', () => {
    const { book, groups } = applyToBook(bought, adjustment({ cash: '1.00' as DecimalText, account: '4055' }));
    expect(bookCash(book)).toBe(-99_00n);
    expect(groups.map(({ netAmount }) => netAmount)).toEqual([1_00n]);
  });

  test('a refused report that moved nothing is settled without an amount', () => {
    const event = adjustment({ settles: 'RF-1' });
    expect(adjustmentFault(bought.coa, event.data)).toBeUndefined();
    expect(applyToBook(bought, event).groups).toEqual([]);
  });

  test.each([
    ['moves nothing', {}],
    ['has cash without an account', { cash: '1.00' as DecimalText }],
    ['names an unknown account', { cash: '1.00' as DecimalText, account: '1' }],
    ['names a control account', { cash: '1.00' as DecimalText, account: '9110' }],
  ])('an entry that %s is refused, and stops no books when it was recorded anyway', (_name, change) => {
    const event = adjustment(change);
    expect(adjustmentFault(bought.coa, event.data)).toMatchObject({ code: 'BAD_ADJUSTMENT' });
    const { book, groups } = applyToBook(bought, event);
    for (const group of groups) expect(sumOfLegs(group.legs)).toBe(0n);
    expect(bookCash(book) - bookCash(bought)).toBe('cash' in change ? 1_00n : 0n);
  });
});

describe('a report that cannot be booked', () => {
  const fault = new TradeBotError('DataError', 'refuse', {
    code: 'SCHEMA_VIOLATION',
    message: 'bad id',
    remedy: 'none',
  });
  const refused = (report: object) => ({
    ...({ kind: 'filled', key: ['order', 'id'], report } as const),
    at: parseUtcText('2013-10-07T15:00:00.001Z'),
  });

  test('keeps its content in ASCII, and the same report has the same id', () => {
    const draft = brokerFactRefused('SIM', refused({ executionId: 'x\u2603\n\u202e' }), fault, 'session');
    expect(draft.data.content).toBe('{"executionId":"x\\u2603\\n\\u202e"}');
    expect(JSON.parse(draft.data.content)).toEqual({ executionId: 'x\u2603\n\u202e' });
    expect(draft.data.factId).toBe(refusedFactId('SIM', refused({})));
    expect(draft.naturalKey).toEqual(['BrokerFactRefused', 'SIM', 'filled', 'order', 'id']);
  });

  test('a long report is cut, and its digest is of the whole', () => {
    const report = { text: 'a'.repeat(10_000) };
    const { data } = brokerFactRefused('SIM', refused(report), fault, 'session');
    expect([data.content.length, data.isCut]).toEqual([4_000, true]);
    expect(data.contentSha256).toBe(sha256Hex(JSON.stringify(report)));
  });
});
