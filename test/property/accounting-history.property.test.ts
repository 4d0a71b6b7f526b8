import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialBook, type AccountingBook } from '../../src/domain/accounting/book.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import { allLots, netPosition } from '../../src/domain/accounting/lots.js';
import type { LedgerGroup, LotClosure, ShareTransfer } from '../../src/domain/accounting/types.js';
import type { EventData, RecordedEvent } from '../../src/events/event.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { sumOfLegs } from '../support/legs.js';
import { Broker, CODES } from '../unit/support/fills.js';
import { fold, reported, sumOf, SYMBOLS } from './support/folded-books.js';

/** What a broker says next: another fill, a bust, a correction under an old or a new id, or a busted id booked again. */
const history = fc.array(
  fc.record({
    does: fc.constantFrom('fill', 'fill', 'fill', 'bust', 'correct', 'correctSameId', 'again'),
    symbol: fc.constantFrom(...SYMBOLS),
    buys: fc.boolean(),
    size: fc.integer({ min: 1, max: 40 }),
    /** Of which some give an execution worth less than half a cent. */
    price: fc.oneof(fc.integer({ min: 100, max: 50_000 }), fc.integer({ min: 1, max: 9 })),
    commission: fc.oneof(fc.constant(0), fc.integer({ min: -20, max: 200 })),
    /** Hours since the one before: many of one time, and some over the ends of February, a year and a date in New York. */
    hours: fc.constantFrom(0, 0, 0, 1, 13, 24, 24 * 28, 24 * 365, 24 * 366),
    pick: fc.nat(),
  }),
  { minLength: 1, maxLength: 30 },
);

type Said = (typeof history extends fc.Arbitrary<infer T> ? T : never)[number];
type Fill = RecordedEvent<'OrderFilled'>;

/** The events of a history, and the executions that are right in the end, in the order in which they first came. */
class Telling {
  readonly broker = new Broker();
  readonly events: RecordedEvent[] = [];
  right: Fill[] = [];
  readonly busted: Fill[] = [];
  #at = Date.UTC(2011, 1, 27, 14);

  say(said: Said, n: number): void {
    this.#at += said.hours * 3_600_000;
    const chosen = this.right[said.pick % Math.max(this.right.length, 1)];
    if (said.does === 'fill') {
      this.book(this.fill(said, { id: `E${n}`, symbol: said.symbol }));
    } else if (said.does === 'again') {
      const gone = this.busted.splice(said.pick % Math.max(this.busted.length, 1), 1)[0];
      if (gone !== undefined) this.book(this.fill(said, { id: gone.data.executionId, symbol: gone.data.symbol }));
    } else if (chosen !== undefined) {
      this.change(said, n, chosen);
    }
  }

  private change(said: Said, n: number, wrong: Fill): void {
    const { executionId, symbol, clientOrderId } = wrong.data;
    if (said.does === 'bust') {
      this.events.push({ ...this.broker.busted(executionId, symbol), data: bustData(wrong) });
      this.right = this.right.filter((fill) => fill !== wrong);
      this.busted.push(wrong);
      return;
    }
    const id = said.does === 'correct' ? `C${n}` : executionId;
    const { data } = this.fill(said, { id, symbol });
    const right = { ...wrong, data: { ...data, clientOrderId, filledAt: wrong.data.filledAt } };
    const correction = this.broker.corrected({ id, does: 'open_long', shares: '1', price: '1', corrects: executionId });
    this.events.push({ ...correction, data: { ...right.data, correctsExecutionId: executionId } });
    this.right = this.right.map((fill) => (fill === wrong ? right : fill));
  }

  private book(fill: Fill): void {
    this.events.push(fill);
    this.right.push(fill);
  }

  private fill(said: Said, { id, symbol }: { readonly id: string; readonly symbol: string }): Fill {
    return this.broker.filled({
      id,
      symbol,
      does: said.buys ? 'open_long' : 'close_long',
      shares: String(said.size),
      price: Decimal.of(said.price, 4).shortText(2),
      commission: Decimal.of(said.commission, 2).text(),
      at: new Date(this.#at).toISOString(),
    });
  }
}

/** Shares that the groups and transfers moved, by symbol. */
function unitsOf(groups: readonly LedgerGroup[], transfers: readonly ShareTransfer[]): ReadonlyMap<string, Decimal> {
  const moved = new Map<string, Decimal>();
  const add = (symbol: string, adds: boolean, quantity: string): void => {
    const shares = Decimal.parse(quantity);
    moved.set(symbol, (moved.get(symbol) ?? Decimal.ZERO).plus(adds ? shares : shares.negated()));
  };
  for (const { symbol, quantity, trntype, reverses } of groups) {
    const buys = trntype === 'BUY' || trntype === 'BUYTOCOVER';
    if (symbol !== null && quantity !== null) add(symbol, buys === (reverses === null), quantity);
  }
  for (const { symbol, side, direction, quantity } of transfers) {
    add(symbol, (direction === 'in') === (side === 'long'), quantity);
  }
  return moved;
}

function bustData({ data }: Fill): EventData<'OrderFillBusted'> {
  const { clientOrderId, executionId, symbol } = data;
  return { clientOrderId, executionId, symbol, reason: 'busted by the exchange' };
}

describe('any history of fills, busts, corrections and ids booked again', () => {
  const lotsText = (book: AccountingBook): readonly string[] =>
    allLots(book.lots).map(({ symbol, side, quantity, amount, openedAt, position, price }) =>
      [symbol, side, quantity.text(), amount, openedAt, position, price.text()].join(' '),
    );

  /** What was closed, net of what was taken back, with its holding period and its term. */
  function closedText(closures: readonly LotClosure[]): readonly string[] {
    const sums = new Map<string, { shares: Decimal; gain: bigint; cost: bigint }>();
    for (const { symbol, side, openedAt, closedAt, closePrice, term, quantity, gain, openAmount } of closures) {
      const key = [symbol, side, openedAt, closedAt, closePrice.text(), term].join(' ');
      const sum = sums.get(key) ?? { shares: Decimal.ZERO, gain: 0n, cost: 0n };
      sums.set(key, { shares: sum.shares.plus(quantity), gain: sum.gain + gain, cost: sum.cost + openAmount });
    }
    return [...sums]
      .filter(([, { shares }]) => !shares.isZero())
      .map(([key, { shares, gain, cost }]) => `${key} ${shares.text()} ${gain} ${cost}`)
      .sort();
  }

  test('P2 the books are those of a broker that was right at once: lots, costs, terms and shares too', () => {
    let withoutACent = 0;
    fc.assert(
      fc.property(history, fc.constantFrom('FIFO', 'LIFO', 'HIFO'), (said, method) => {
        const telling = new Telling();
        for (const [n, each] of said.entries()) telling.say(each, n);
        const { book, groups, transfers, closures } = fold(telling.events, initialBook(CODES, method));
        const straight = fold(telling.right, initialBook(CODES, method));
        expect(reported(book)).toEqual(reported(straight.book));
        expect(lotsText(book)).toEqual(lotsText(straight.book));
        expect([book.realized, book.fees]).toEqual([straight.book.realized, straight.book.fees]);
        expect(sumOf(closures.map(({ gain }) => gain))).toBe(straight.book.realized);
        expect(closedText(closures)).toEqual(closedText(straight.closures));
        const moved = unitsOf(groups, transfers);
        for (const symbol of SYMBOLS) {
          expect((moved.get(symbol) ?? Decimal.ZERO).text()).toBe(netPosition(book.lots, parseSymbol(symbol)).text());
        }
        const fitids = [...groups, ...transfers].map(({ fitid }) => fitid);
        expect(new Set(fitids).size).toBe(fitids.length);
        withoutACent += transfers.length;
        expect(new Set(groups.map(({ externalId }) => externalId)).size).toBe(groups.length);
        for (const group of groups) expect(sumOfLegs(group.legs)).toBe(0n);
        expect(serializeBook(parseBook(serializeBook(book)))).toBe(serializeBook(book));
      }),
      { numRuns: 300 },
    );
    expect(withoutACent).toBeGreaterThan(0);
  });
});
