import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AlpacaFill } from '../../../src/adapters/broker-alpaca/fills.js';
import { OrderDesk } from '../../../src/adapters/broker-alpaca/order-desk.js';
import { readOrder, type AlpacaOrder } from '../../../src/adapters/broker-alpaca/orders.js';
import { numberReports } from '../../../src/domain/orders/number-reports.js';
import { decideOrder } from '../../../src/domain/orders/decide-order.js';
import { reduceOrder, type Order } from '../../../src/domain/orders/order.js';
import { commandOf } from '../../../src/app/execution/broker-reports.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { epochMs } from '../../../src/kernel/time.js';
import { runs } from '../../support/runs.js';
import { applied, ID, INTENT } from '../orders/support.js';

interface Execution {
  readonly quantity: number;
  readonly cents: number;
}

/** What happens next, as a position in the executions where it needs one. */
type Step =
  | { readonly kind: 'frame' | 'order' | 'records' | 'answer'; readonly at: number }
  | { readonly kind: 'restart' | 'silence'; readonly at: number };

const RAW = sha256Hex('raw');
const NO_DIGITS = { scale: 6, round: 'halfEven' } as const;

/** The order, its frames and its records as they are after the first `count` executions. */
class World {
  readonly #to: readonly Decimal[];
  listed = 0;
  silent = false;

  constructor(private readonly executions: readonly Execution[]) {
    this.#to = executions.map((_one, n) =>
      Decimal.of(executions.slice(0, n + 1).reduce((sum, { quantity }) => sum + quantity, 0)),
    );
  }

  get total(): Decimal {
    return this.#to.at(-1) ?? Decimal.ZERO;
  }

  get value(): Decimal {
    return Decimal.sum(this.executions.map(({ quantity, cents }) => Decimal.of(quantity * cents, 2)));
  }

  order(count: number): AlpacaOrder {
    const filled = this.#to[count - 1] ?? Decimal.ZERO;
    const value = Decimal.sum(
      this.executions.slice(0, count).map(({ quantity, cents }) => Decimal.of(quantity * cents, 2)),
    );
    const json = {
      ...{ id: 'bo-1', client_order_id: ID, symbol: 'SPY', side: 'buy', type: 'market', qty: this.total.text() },
      ...{
        created_at: '2026-01-06T15:00:00Z',
        status: count === this.executions.length ? 'filled' : 'partially_filled',
      },
      filled_qty: filled.text(),
      filled_avg_price: count === 0 ? null : value.divide(filled, NO_DIGITS).text(),
    };
    return readOrder(json, RAW);
  }

  fill(index: number): AlpacaFill {
    const { cents, quantity } = this.executions[index]!;
    const to = this.#to[index]!;
    const facts = {
      orderId: 'bo-1',
      price: Decimal.of(cents, 2),
      at: epochMs(1_767_711_600_000 + index),
      rawSha256: RAW,
    };
    return { ...facts, from: to.minus(Decimal.of(quantity)), to };
  }

  readonly rest = {
    activities: () => {
      if (this.silent) return Promise.reject(new Error('no answer'));
      const value = this.executions.slice(0, this.listed).map(({ quantity, cents }, n) => ({
        ...{ id: `row-${n}`, activity_type: 'FILL', order_id: 'bo-1', transaction_time: '2026-01-06T15:00:00Z' },
        ...{ qty: String(quantity), cum_qty: this.#to[n]!.text(), price: Decimal.of(cents, 2).text() },
      }));
      return Promise.resolve({ status: 200, headers: {}, text: '', value, rawSha256: RAW });
    },
  };
}

/** The books of one order, and the process that reports to them; a restart keeps the books. */
async function play(world: World, steps: readonly Step[], count: number): Promise<Order> {
  let order = reduceOrder(
    undefined,
    { type: 'OrderIntended', data: { ...INTENT, quantity: world.total.shortText() } },
    null,
  );
  let desk = new OrderDesk(world.rest);
  const take = (update: Parameters<typeof commandOf>[0], isAnswer: boolean): void => {
    order = applied(order, decideOrder(order, commandOf(update, isAnswer)));
  };
  const listen = (): void => void desk.updates$.subscribe((update) => take(update, false));
  listen();
  for (const { kind, at } of steps) {
    const n = at % count;
    if (kind === 'frame') await desk.learn(world.order(n + 1), world.fill(n));
    else if (kind === 'order') await desk.learn(world.order(n + 1));
    else if (kind === 'records') world.listed = n + 1;
    else if (kind === 'silence') world.silent = at % 2 === 0;
    else if (kind === 'answer') {
      const { updates } = await desk.answer(world.order(n + 1));
      for (const update of numberReports(updates, order)) take(update, true);
    } else {
      desk = new OrderDesk(world.rest);
      listen();
    }
  }
  return order;
}

const executions = fc.array(
  fc.record({ quantity: fc.integer({ min: 1, max: 40 }), cents: fc.integer({ min: 9_900, max: 10_100 }) }),
  {
    minLength: 1,
    maxLength: 5,
  },
);
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('frame', 'frame', 'frame', 'order', 'records', 'answer', 'restart', 'silence'),
  at: fc.nat({ max: 20 }),
});

test('an execution counts once, whether stream, order or records say so, in any order, with restarts (P2)', async () => {
  await fc.assert(
    fc.asyncProperty(executions, fc.array(step, { maxLength: 25 }), async (all, steps) => {
      const world = new World(all);
      const last = all.length - 1;
      const settled: readonly Step[] = [
        { kind: 'restart', at: 0 },
        { kind: 'silence', at: 1 },
        { kind: 'records', at: last },
        { kind: 'answer', at: last },
      ];
      const order = await play(world, [...steps, ...settled], all.length);
      const booked = [...order.executions.values()];
      expect(Decimal.sum(booked.map(({ quantity }) => quantity)).text()).toBe(world.total.text());
      const value = Decimal.sum(booked.map(({ quantity, price }) => quantity.times(price)));
      expect(value.rounded(2, 'halfEven').text()).toBe(world.value.text());
    }),
    { numRuns: runs(300, 20_000) },
  );
});
