import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sumOfLegs } from '../support/legs.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import { allLots, netPosition } from '../../src/domain/accounting/lots.js';
import { reconcile, type Holdings } from '../../src/domain/accounting/reconcile.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { parseSymbol } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { cents, roundToCents } from '../../src/kernel/money.js';
import { Broker, type FillWords } from '../unit/support/fills.js';
import { fold, held, reported, sumOf, SYMBOLS } from './support/folded-books.js';

/** Draws that `walk` turns into a sequence which the order rules allow. */
const draws = fc.array(
  fc.record({
    symbol: fc.constantFrom(...SYMBOLS),
    /** Micro-shares. */
    size: fc.integer({ min: 1, max: 500_000_000 }),
    /** 1/10000 dollar. */
    price: fc.integer({ min: 1, max: 5_000_000 }),
    commission: fc.integer({ min: -20, max: 200 }),
    fee: fc.integer({ min: 0, max: 50 }),
    opensLong: fc.boolean(),
    closes: fc.boolean(),
    all: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);
type Draw = (typeof draws extends fc.Arbitrary<infer T> ? T : never)[number];

/** The broker's account as an oracle of sums, in micro-shares and cents. */
interface Oracle {
  readonly shares: Map<string, bigint>;
  cash: bigint;
}

function wordsOf(draw: Draw, held: bigint, id: number): FillWords {
  const closes = held !== 0n && draw.closes;
  const most = held < 0n ? -held : held;
  const size = closes && (draw.all || BigInt(draw.size) > most) ? most : BigInt(draw.size);
  const long = held === 0n ? draw.opensLong : held > 0n;
  return {
    id: `E${id}`,
    does: closes ? (long ? 'close_long' : 'close_short') : long ? 'open_long' : 'open_short',
    symbol: draw.symbol,
    shares: Decimal.of(size, 6).shortText(),
    price: Decimal.of(draw.price, 4).shortText(2),
    commission: Decimal.of(draw.commission, 2).text(),
    fee: Decimal.of(draw.fee, 2).text(),
    at: new Date(Date.UTC(2012, 0, 1) + id * 20 * 86_400_000).toISOString(),
  };
}

function count(oracle: Oracle, words: FillWords): void {
  const buys = words.does === 'open_long' || words.does === 'close_short';
  const units = Decimal.parse(words.shares).toUnits(6);
  const symbol = words.symbol ?? 'SPY';
  oracle.shares.set(symbol, (oracle.shares.get(symbol) ?? 0n) + (buys ? units : -units));
  const notional = roundToCents(Decimal.parse(words.shares).times(Decimal.parse(words.price)));
  const charges = Decimal.parse(words.commission ?? '0')
    .plus(Decimal.parse(words.fee ?? '0'))
    .toUnits(2);
  oracle.cash += (buys ? -notional : notional) - charges;
}

interface Walked {
  readonly events: readonly RecordedEvent[];
  readonly oracle: Oracle;
}

function walk(drawn: readonly Draw[], broker = new Broker()): Walked {
  const oracle: Oracle = { shares: new Map(), cash: 0n };
  const events = drawn.map((draw, id) => {
    const words = wordsOf(draw, oracle.shares.get(draw.symbol) ?? 0n, id);
    count(oracle, words);
    return broker.filled(words);
  });
  return { events, oracle };
}

describe('any sequence of fills', () => {
  test('F16 every group balances, and cash and shares equal those of the broker', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const { events, oracle } = walk(drawn);
        const { book, groups } = fold(events);
        for (const group of groups) expect(sumOfLegs(group.legs)).toBe(0n);
        expect(sumOf([...book.balances.values()])).toBe(0n);
        expect(book.balances.get('1030') ?? 0n).toBe(oracle.cash);
        expect(sumOf(groups.map((group) => group.netAmount))).toBe(oracle.cash);
        for (const symbol of SYMBOLS) {
          expect(netPosition(book.lots, parseSymbol(symbol)).toUnits(6)).toBe(oracle.shares.get(symbol) ?? 0n);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('F15 no cent of cost is lost: opened cost is closed or still open, and equals the account balance', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const { book, closures, opened } = fold(walk(drawn).events);
        const lots = allLots(book.lots);
        for (const [side, account] of [
          ['long', '1111'],
          ['short', '2110'],
        ] as const) {
          const of = <T extends { readonly side: string }>(rows: readonly T[]): readonly T[] =>
            rows.filter((row) => row.side === side);
          const open = sumOf(of(lots).map((lot) => lot.amount));
          const closed = sumOf(of(closures).map((closure) => closure.openAmount));
          expect(sumOf(of(opened).map((lot) => lot.amount))).toBe(open + closed);
          expect(book.balances.get(account) ?? 0n).toBe(side === 'long' ? open : -open);
        }
        const gains = sumOf(closures.map((closure) => closure.gain));
        expect(-(book.balances.get('4060') ?? 0n) - (book.balances.get('4070') ?? 0n)).toBe(gains);
        for (const { side, closeAmount, openAmount, gain } of closures) {
          expect(gain).toBe(side === 'long' ? closeAmount - openAmount : openAmount - closeAmount);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('books restored from a checkpoint are identical', () => {
    fc.assert(
      fc.property(draws, fc.nat(), (drawn, at) => {
        const { events } = walk(drawn);
        const cut = at % (events.length + 1);
        const { book } = fold(events.slice(0, cut));
        const resumed = fold(events.slice(cut), parseBook(serializeBook(book))).book;
        expect(serializeBook(resumed)).toBe(serializeBook(fold(events).book));
      }),
      { numRuns: 60 },
    );
  });

  test('F21 FITIDs and group ids are unique and repeatable from the same events', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const { groups } = fold(walk(drawn).events);
        expect(new Set(groups.map((group) => group.fitid)).size).toBe(groups.length);
        expect(new Set(groups.map((group) => group.groupId)).size).toBe(groups.length);
        expect(fold(walk(drawn).events).groups).toEqual(groups);
      }),
      { numRuns: 40 },
    );
  });
});

describe('busts and corrections at any point', () => {
  test('the last fill busted and booked again under a new id leaves no trace', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const broker = new Broker();
        const { events } = walk(drawn, broker);
        const last = events.at(-1);
        if (last?.type !== 'OrderFilled') throw new Error('a walk ends with a fill');
        const { executionId, symbol } = last.data;
        const bust = broker.busted(executionId, symbol);
        const rebooked = { ...last, id: bust.id, data: { ...last.data, executionId: `${executionId}b` } };
        const plain = fold(events).book;
        const again = fold([...events, bust, rebooked]).book;
        expect([reported(again), held(again)]).toEqual([reported(plain), held(plain)]);
        const gone = fold([...events, bust]).book;
        expect(reported(gone)).toEqual(reported(fold(events.slice(0, -1)).book));
      }),
      { numRuns: 150 },
    );
  });

  test('any fill busted: cash and shares are as if it never happened, and everything balances', () => {
    fc.assert(
      fc.property(draws, fc.nat(), (drawn, pick) => {
        const broker = new Broker();
        const { events } = walk(drawn, broker);
        const gone = events[pick % events.length];
        if (gone?.type !== 'OrderFilled') throw new Error('a walk is of fills');
        const { book, groups, closures } = fold([...events, broker.busted(gone.data.executionId, gone.data.symbol)]);
        const oracle: Oracle = { shares: new Map(), cash: 0n };
        for (const event of events) {
          if (event.type !== 'OrderFilled' || event === gone) continue;
          const { executionId: id, positionEffect: does, quantity: shares, ...rest } = event.data;
          count(oracle, { ...rest, id, does, shares });
        }
        for (const group of groups) expect(sumOfLegs(group.legs)).toBe(0n);
        expect(book.balances.get('1030') ?? 0n).toBe(oracle.cash);
        for (const symbol of SYMBOLS) {
          expect(netPosition(book.lots, parseSymbol(symbol)).toUnits(6)).toBe(oracle.shares.get(symbol) ?? 0n);
        }
        const gains = sumOf(closures.map((closure) => closure.gain));
        expect(-(book.balances.get('4060') ?? 0n) - (book.balances.get('4070') ?? 0n)).toBe(gains);
      }),
      { numRuns: 200 },
    );
  });

  test('any fill corrected: cash, shares and costs are those of the corrected price from the start', () => {
    fc.assert(
      fc.property(draws, fc.nat(), fc.integer({ min: 1, max: 5_000_000 }), (drawn, pick, price) => {
        const broker = new Broker();
        const { events } = walk(drawn, broker);
        const wrong = events[pick % events.length];
        if (wrong?.type !== 'OrderFilled') throw new Error('a walk is of fills');
        const right = { ...wrong.data, price: Decimal.of(price, 4).shortText(2) };
        const correction = broker.corrected({ id: 'X', does: 'open_long', shares: '1', price: '1', corrects: 'X' });
        const data = { ...right, executionId: `${right.executionId}c`, correctsExecutionId: right.executionId };
        const corrected = fold([...events, { ...correction, data }]).book;
        const straight = fold(events.map((event) => (event === wrong ? { ...wrong, data: right } : event))).book;
        expect(held(corrected)).toEqual(held(straight));
        expect(corrected.balances.get('1030')).toBe(straight.balances.get('1030'));
        expect(sumOf([...corrected.balances.values()])).toBe(0n);
      }),
      { numRuns: 150 },
    );
  });
});

describe('reconciliation', () => {
  const position = fc.record({
    symbol: fc.constantFrom(...SYMBOLS).map(parseSymbol),
    quantity: fc.integer({ min: -1_000_000, max: 1_000_000 }).map((units) => Decimal.of(units, 3)),
  });
  const holdings: fc.Arbitrary<Holdings> = fc.record({
    cash: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map(cents),
    positions: fc.uniqueArray(position, { selector: (held) => held.symbol, maxLength: 3 }),
  });

  test('shuffled holdings agree; a missing or repeated row is found with its exact size', () => {
    fc.assert(
      fc.property(holdings, fc.nat(), (ours, pick) => {
        const shuffled = { ...ours, positions: ours.positions.toReversed() };
        expect(reconcile(ours, shuffled)).toEqual([]);
        const one = ours.positions[pick % Math.max(ours.positions.length, 1)];
        if (one === undefined || one.quantity.isZero()) return;
        const dropped = { ...ours, positions: ours.positions.filter((held) => held !== one) };
        const repeated = { ...ours, positions: [...ours.positions, one] };
        expect(reconcile(ours, dropped).map((found) => [found.symbol, found.delta.text()])).toEqual([
          [one.symbol, one.quantity.negated().text()],
        ]);
        expect(reconcile(ours, repeated).map((found) => [found.symbol, found.delta.text()])).toEqual([
          [one.symbol, one.quantity.text()],
        ]);
      }),
    );
  });

  test('one cent of cash is a difference', () => {
    const ours = { cash: cents(100n), positions: [] };
    expect(
      reconcile(ours, { ...ours, cash: cents(101n) }).map(({ subject, delta }) => [subject, delta.text()]),
    ).toEqual([['cash', '0.01']]);
  });
});
