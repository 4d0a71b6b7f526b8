import { describe, expect, test } from '@jest/globals';
import {
  allLots,
  closeLots,
  netPosition,
  NO_LOTS,
  openLot,
  removeLot,
  restoreLots,
  termOf,
  type LotBook,
  type LotMethod,
} from '../../src/domain/accounting/lots.js';
import { positionText } from '../../src/adapters/journal-common/position.js';
import type { OpenLot } from '../../src/domain/accounting/types.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { cents } from '../../src/kernel/money.js';
import type { UtcText } from '../../src/kernel/time.js';

const SPY = parseSymbol('SPY');
const utc = (text: string): UtcText => text as UtcText;

function lot(id: string, quantity: string, amount: bigint, over: Partial<OpenLot> = {}): OpenLot {
  return {
    lotId: id,
    symbol: SPY,
    side: 'long',
    openedAt: utc(`2013-10-07T14:00:0${id}.001Z`),
    position: positionText(Number(id)),
    price: Decimal.parse('10.00'),
    quantity: Decimal.parse(quantity),
    amount: cents(amount),
    ...over,
  };
}

const bookOf = (...lots: readonly OpenLot[]): LotBook => lots.reduce(openLot, NO_LOTS);
const sale = (quantity: string, amount: bigint, id = 'x') => ({
  symbol: SPY,
  side: 'long' as const,
  quantity: Decimal.parse(quantity),
  amount: cents(amount),
  at: utc('2013-10-07T15:00:00.001Z'),
  price: Decimal.parse('11.00'),
  position: positionText(9),
  closedBy: id,
});

describe('lots', () => {
  test('F20 one sale over two lots: each closure has its own term and gain, and they add up to the sale', () => {
    const old = lot('1', '100', 1_000_00n, { openedAt: utc('2012-10-06T14:00:00.001Z') });
    const { closures, lots } = closeLots(bookOf(old, lot('2', '50', 600_00n)), sale('120', 1_320_00n));
    expect(closures.map((c) => [c.lotId, c.quantity.text(), c.openAmount, c.closeAmount, c.gain, c.term])).toEqual([
      ['1', '100', 1_000_00n, 1_100_00n, 100_00n, 'long'],
      ['2', '20', 240_00n, 220_00n, -20_00n, 'short'],
    ]);
    expect(netPosition(lots, SPY).text()).toBe('30');
  });

  test('F15 partial exits: thirds of a cent are carried, and the last closure takes the rest', () => {
    let book = bookOf(lot('1', '3', 10_00n));
    const costs: bigint[] = [];
    for (const id of ['a', 'b', 'c']) {
      const step = closeLots(book, sale('1', 4_00n, id));
      costs.push(...step.closures.map((c) => c.openAmount));
      book = step.lots;
    }
    expect(costs).toEqual([3_33n, 3_34n, 3_33n]);
    expect(allLots(book)).toEqual([]);
  });

  test.each<[LotMethod, string]>([
    ['FIFO', '1'],
    ['LIFO', '3'],
    ['HIFO', '2'],
  ])('%s takes lot %s first', (method, first) => {
    const book = bookOf(lot('1', '10', 100_00n), lot('2', '10', 130_00n), lot('3', '10', 120_00n));
    expect(closeLots(book, sale('5', 60_00n), method).closures.map((c) => c.lotId)).toEqual([first]);
  });

  test('HIFO on shorts takes the lowest proceeds first', () => {
    const short = { side: 'short' as const };
    const book = bookOf(lot('1', '10', 130_00n, short), lot('2', '10', 100_00n, short));
    expect(closeLots(book, { ...sale('5', 60_00n), side: 'short' }, 'HIFO').closures[0]?.lotId).toBe('2');
  });

  test('a cover gains when it costs less than the proceeds of the short', () => {
    const book = bookOf(lot('1', '10', 100_00n, { side: 'short', openedAt: utc('2011-01-03T15:00:00.001Z') }));
    const { closures } = closeLots(book, { ...sale('10', 90_00n), side: 'short' });
    expect(closures[0]).toMatchObject({ gain: 10_00n, term: 'short' });
  });

  test('a sale of more shares than held is refused, not turned into a short', () => {
    expect(() => closeLots(bookOf(lot('1', '10', 100_00n)), sale('10.5', 100_00n))).toThrow(
      expect.objectContaining({ code: 'CROSSES_ZERO', callerMust: 'stop' }),
    );
  });

  test('an execution opens one lot only', () => {
    expect(() => openLot(bookOf(lot('1', '10', 100_00n)), lot('1', '10', 100_00n))).toThrow(
      expect.objectContaining({ code: 'LOT_TWICE' }),
    );
  });

  test('lots are ordered by opening time, then by position in the journal, whatever their arrival order', () => {
    const late = bookOf(lot('2', '1', 2n), lot('3', '1', 3n), lot('1', '1', 1n));
    expect(allLots(late).map((l) => l.lotId)).toEqual(['1', '2', '3']);
    const sameTime = { openedAt: utc('2013-10-07T14:00:00.001Z') };
    const [ninth, tenth] = [lot('E9', '1', 1n, sameTime), lot('E10', '1', 1n, sameTime)].map((each, index) => ({
      ...each,
      position: positionText(9 + index),
    }));
    if (ninth === undefined || tenth === undefined) throw new Error('two lots were made');
    expect(allLots(bookOf(tenth, ninth)).map((l) => l.lotId)).toEqual(['E9', 'E10']);
    expect(closeLots(bookOf(tenth, ninth), sale('1', 2n)).closures.map((c) => c.lotId)).toEqual(['E9']);
  });

  test('restoring closures gives back the same lots, also fully used ones', () => {
    const before = bookOf(lot('1', '3', 10_00n), lot('2', '7', 70_01n));
    const { lots, closures } = closeLots(before, sale('5', 55_00n));
    const after = restoreLots(lots, closures);
    expect(after).toEqual(before);
  });

  test('a partly closed lot cannot be removed', () => {
    const whole = lot('1', '3', 10_00n);
    expect(removeLot(bookOf(whole), whole)).toEqual(NO_LOTS);
    const { lots } = closeLots(bookOf(whole), sale('1', 4_00n));
    expect(() => removeLot(lots, whole)).toThrow(expect.objectContaining({ code: 'LOT_NOT_WHOLE' }));
  });

  test.each([
    ['2012-03-10T20:00:00.000Z', '2013-03-10T14:00:00.000Z', 'short'],
    ['2012-03-10T20:00:00.000Z', '2013-03-11T14:00:00.000Z', 'long'],
    ['2012-02-29T20:00:00.000Z', '2013-02-28T14:00:00.000Z', 'short'],
    ['2012-02-29T20:00:00.000Z', '2013-03-01T14:00:00.000Z', 'long'],
    ['2011-02-28T15:00:00.000Z', '2012-02-29T15:00:00.000Z', 'short'],
    ['2011-02-28T15:00:00.000Z', '2012-03-01T15:00:00.000Z', 'long'],
    ['2011-02-27T15:00:00.000Z', '2012-02-28T15:00:00.000Z', 'long'],
    ['2011-02-27T15:00:00.000Z', '2012-02-29T15:00:00.000Z', 'long'],
    ['2012-02-28T15:00:00.000Z', '2013-02-28T15:00:00.000Z', 'short'],
    ['2012-02-28T15:00:00.000Z', '2013-03-01T15:00:00.000Z', 'long'],
    ['2011-03-01T00:30:00.000Z', '2012-02-29T15:00:00.000Z', 'short'],
    ['2011-03-01T00:30:00.000Z', '2012-03-01T15:00:00.000Z', 'long'],
    ['2012-07-02T03:30:00.000Z', '2013-07-02T15:00:00.000Z', 'long'],
    ['2012-07-02T04:30:00.000Z', '2013-07-02T15:00:00.000Z', 'short'],
    ['2012-12-02T04:30:00.000Z', '2013-12-02T15:00:00.000Z', 'long'],
    ['2012-12-31T15:00:00.000Z', '2013-12-31T15:00:00.000Z', 'short'],
    ['2012-12-31T15:00:00.000Z', '2014-01-01T15:00:00.000Z', 'long'],
    ['2012-03-31T15:00:00.000Z', '2013-04-01T03:30:00.000Z', 'short'],
    ['2012-03-31T15:00:00.000Z', '2013-04-01T04:00:00.000Z', 'long'],
  ])('bought %s, sold %s: %s term', (opened, closed, term) => {
    expect(termOf('long', utc(opened), utc(closed))).toBe(term);
  });
});
