import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bookCash } from '../../src/domain/accounting/book.js';
import { unbookedAt, type Unbooked } from '../../src/domain/orders/charges.js';
import { decideOrder, type OrderCommand } from '../../src/domain/orders/decide-order.js';
import { orderFromReload, reloadedData } from '../../src/domain/orders/reload-order.js';
import type { Order } from '../../src/domain/orders/order.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { addCents } from '../../src/kernel/money.js';
import { report } from '../unit/orders/support.js';
import { recorded } from '../unit/support/events.js';
import { entry, orderId, working } from '../unit/trading/support/given-orders.js';
import { RuleWorld } from '../unit/trading/support/rule-world.js';

/** What the broker does next; charges in 1/100,000 dollar. */
interface Step {
  readonly kind: 'filled' | 'corrected' | 'busted';
  readonly order: number;
  readonly commission: number;
  readonly fee: number;
  readonly pick: number;
  /** What the price of its share is above 50 dollars, in 1/100,000 dollar. */
  readonly price: number;
}

/** Charges in 1/100,000 dollar: whole cents, half cents and parts of a cent, also rebates. */
const charge = fc.oneof(
  fc.integer({ min: 0, max: 1_500 }),
  fc.constantFrom(0, 350, 500, 1_000, 1_500, 35_000),
  fc.integer({ min: -900, max: 0 }),
);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Step['kind'][]>('filled', 'filled', 'filled', 'corrected', 'busted'),
  order: fc.integer({ min: 1, max: 3 }),
  commission: charge,
  fee: fc.oneof(fc.constant(0), charge),
  pick: fc.nat(20),
  price: fc.oneof(fc.nat(2_000), fc.constantFrom(0, 500, 1_000)),
});

const dollars = (units: number): Decimal => Decimal.of(units, 5);

/** An account of three orders whose broker charges parts of a cent, with what it charged exactly. */
class ChargedAccount {
  readonly world = new RuleWorld();
  readonly standing = new Map<string, { readonly order: number; readonly units: number; readonly price: Decimal }>();
  readonly #began: Decimal;
  #executions = 0;

  constructor(private readonly cashHasParts = false) {
    for (const order of [1, 2, 3]) {
      entry(order, { symbol: ['AIG', 'BAC', 'IBM'][order - 1] ?? '', shares: '100', price: '50.00' })(this.world);
      working(order)(this.world);
    }
    this.#began = Decimal.of(bookCash(this.world.state.book), 2);
  }

  order(number: number): Order {
    const order = this.world.state.orders.get(orderId(number));
    if (order === undefined) throw new Error('no order');
    return order;
  }

  /** Whether the step booked an execution. */
  play({ kind, order, commission, fee, pick, price: above }: Step): boolean {
    this.#executions += 1;
    const id = `E${this.#executions}`;
    const mine = [...this.standing].filter(([, { order: of }]) => of === order).map(([name]) => name);
    const old = mine[pick % Math.max(1, mine.length)];
    const charges = { commission: dollars(commission), fee: dollars(fee) };
    const price = Decimal.of(50).plus(dollars(above));
    const facts = { ...report(id, 1), price, ...charges, symbol: this.order(order).intent.symbol };
    if (kind !== 'filled' && old === undefined) return false;
    if (kind !== 'filled') this.standing.delete(old ?? '');
    if (kind !== 'busted') this.standing.set(id, { order, units: commission + fee, price });
    const command: OrderCommand =
      kind === 'filled'
        ? { kind, ...facts }
        : kind === 'corrected'
          ? { kind, correctsExecutionId: old ?? '', ...facts }
          : { kind: 'busted', executionId: old ?? '', reason: 'test' };
    this.take(order, command);
    expect(decideOrder(this.order(order), command, this.unbooked)).toEqual([]);
    return kind !== 'busted';
  }

  /** What the broker charged for the executions that stand. */
  exact(): Decimal {
    return dollars([...this.standing.values()].reduce((sum, { units }) => sum + units, 0));
  }

  /** The cash of a broker that rounds nothing, less that of the books. */
  cashBeyondBooks(): Decimal {
    const spent = Decimal.sum([...this.standing.values()].map(({ price }) => price)).plus(this.exact());
    return this.#began.minus(spent).minus(Decimal.of(bookCash(this.world.state.book), 2));
  }

  private get unbooked(): Unbooked {
    return unbookedAt({ cashHasParts: this.cashHasParts }, this.world.state);
  }

  private take(order: number, command: OrderCommand): void {
    for (const { type, data } of decideOrder(this.order(order), command, this.unbooked)) {
      this.world.record(type, data);
    }
  }
}

describe('charges of parts of a cent', () => {
  test('the books have the exact sum of the broker to the cent after each execution, and commissions for themselves', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const account = new ChargedAccount();
        for (const each of steps) {
          const isBooked = account.play(each);
          const { state } = account.world;
          const { commission, fee } = state.unbookedCharges;
          expect(state.session?.fees).toBe(state.book.fees);
          expect(addCents(...[...state.positions.values()].map((position) => position.fees))).toBe(state.book.fees);
          const booked = Decimal.of(state.book.fees, 2);
          expect(booked.plus(commission).plus(fee).equals(account.exact())).toBe(true);
          if (!isBooked) continue;
          expect(commission.plus(fee).abs().lte(Decimal.parse('0.005'))).toBe(true);
          expect(commission.abs().lte(Decimal.parse('0.005'))).toBe(true);
          expect(fee.abs().lte(Decimal.parse('0.01'))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('P1 where the cash of the broker has the parts of a cent of amounts, the books follow it up to half a cent', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const account = new ChargedAccount(true);
        for (const each of steps) {
          if (account.play(each)) expect(account.cashBeyondBooks().abs().lte(Decimal.parse('0.005'))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('whole cents are booked as they are, without a second figure', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 10 }), (charges) => {
        const account = new ChargedAccount();
        for (const units of charges) {
          account.play({ kind: 'filled', order: 1, commission: units * 1_000, fee: 0, pick: 0, price: 0 });
        }
        for (const { commission, reportedCharges } of account.order(1).executions.values()) {
          expect([commission.scale <= 2, reportedCharges]).toEqual([true, undefined]);
        }
        expect(Decimal.of(account.world.state.book.fees, 2).equals(account.exact())).toBe(true);
      }),
    );
  });

  test('an order that was forgotten and read back has the charges as reported', () => {
    const account = new ChargedAccount();
    for (const commission of [350, 35_400, 700]) {
      account.play({ kind: 'filled', order: 1, commission, fee: 120, pick: 0, price: 0 });
    }
    const order = { ...account.order(1), stage: 'filled' } as const;
    const event = recorded('OrderIntended', order.intent, { at: '2013-10-07T13:30:00.000Z' }) as unknown;
    const intended = event as RecordedEvent<'OrderIntended'>;
    const again = orderFromReload(reloadedData({ order, intended }, order.intent), intended.id);
    expect([...again.executions.values()]).toEqual([...order.executions.values()]);
  });
});
