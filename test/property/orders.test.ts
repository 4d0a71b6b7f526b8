import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideOrder, type OrderCommand } from '../../src/domain/orders/decide-order.js';
import { isDone, type Order } from '../../src/domain/orders/order.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { COMMANDS, intended, report, applied } from '../unit/orders/support.js';

function handle(order: Order, command: OrderCommand): Order {
  return applied(order, decideOrder(order, command));
}

/** The broker's updates of one order of ten shares in sequence: partial fills, then an end if any shares are left. */
interface Life {
  readonly updates: readonly OrderCommand[];
  readonly standing: ReadonlyMap<string, string>;
}

const lives: fc.Arbitrary<Life> = fc
  .record({
    pieces: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
    busted: fc.option(fc.nat(3), { nil: undefined }),
    corrected: fc.option(fc.nat(3), { nil: undefined }),
    end: fc.constantFrom('cancelled', 'expired', 'open'),
  })
  .map(({ pieces, busted, corrected, end }) => {
    const updates: OrderCommand[] = [COMMANDS.acknowledged];
    const standing = new Map<string, string>();
    let filled = 0;
    for (const [index, piece] of pieces.entries()) {
      const quantity = Math.min(piece, 10 - filled);
      if (quantity === 0) break;
      filled += quantity;
      const id = `E${index}`;
      updates.push({ kind: 'filled', ...report(id, quantity) });
      standing.set(id, `${quantity} at 100.00`);
      if (index === corrected && index !== busted) {
        updates.push({ kind: 'corrected', correctsExecutionId: id, ...report(`${id}-c1`, quantity, '99.50') });
        standing.delete(id);
        standing.set(`${id}-c1`, `${quantity} at 99.50`);
      }
    }
    if (end !== 'open' && filled < 10) {
      const filledQuantity = Decimal.of(filled);
      updates.push(
        end === 'cancelled'
          ? { kind: 'cancelled', filledQuantity, reason: 'on request' }
          : { kind: 'expired', filledQuantity },
      );
    }
    const bustedId = busted === undefined ? undefined : `E${busted}`;
    if (bustedId !== undefined && standing.delete(bustedId)) {
      updates.push({ kind: 'busted', executionId: bustedId, reason: 'erroneous' });
    }
    return { updates, standing };
  });

function executionsOf(order: Order): ReadonlyMap<string, string> {
  return new Map(
    [...order.executions.values()]
      .map(({ executionId, quantity, price }): [string, string] => [
        executionId,
        `${quantity.shortText()} at ${price.shortText(2)}`,
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const sorted = (map: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));

describe('an order under any sequence of broker updates', () => {
  test('F2 F9 F10 shuffled, repeated and lost updates followed by a query give the same executions', () => {
    fc.assert(
      fc.property(
        lives,
        fc.array(fc.nat(100), { maxLength: 30 }),
        fc.boolean(),
        ({ updates, standing }, picks, doubt) => {
          let order = handle(intended(), COMMANDS.handedOver);
          for (const pick of picks) {
            const update = updates[pick % updates.length];
            if (update !== undefined) order = handle(order, update);
          }
          if (doubt) order = handle(order, COMMANDS.noAnswer);
          order = handle(order, COMMANDS.brokerKnows);
          for (const update of updates) order = handle(order, { ...update, complete: true } as OrderCommand);
          expect(sorted(executionsOf(order))).toEqual(sorted(standing));
          const ended = updates.some(({ kind }) => kind === 'cancelled' || kind === 'expired');
          if (ended) expect(isDone(order)).toBe(true);
          for (const update of updates) expect(decideOrder(order, update)).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('no sequence of updates breaks the transition table, and terminal states stay terminal', () => {
    const any = fc.constantFrom(...Object.values<OrderCommand>(COMMANDS));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), (commands) => {
        let order = intended();
        for (const command of commands) {
          const before = order;
          order = handle(order, command);
          if (isDone(before)) expect(order.stage).toBe(before.stage);
          expect(order.filled.sign()).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
