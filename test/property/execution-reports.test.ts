import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maybeOwn } from '../../src/app/execution/own-activities.js';
import { decideOrder } from '../../src/domain/orders/decide-order.js';
import { numberReports } from '../../src/domain/orders/number-reports.js';
import { reduceOrder, type Order } from '../../src/domain/orders/order.js';
import { parseClientOrderId } from '../../src/events/names.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { parseUtcText, plusMs, toUtcText } from '../../src/kernel/time.js';
import type { BrokerUpdate } from '../../src/ports/order-entry.js';
import { runs } from '../support/runs.js';
import { ID, intended, report } from '../unit/orders/support.js';

const IDS = ['A', 'B', 'A-c', 'B-c'] as const;
const BEGAN = parseUtcText('2026-01-06T15:00:00.000Z');

interface Act {
  readonly does: 'fill' | 'bust' | 'book again' | 'correct';
  readonly id: number;
  /** It has the time of the act before it: clocks of brokers have no finer ones. */
  readonly atOnce: boolean;
}

interface Delivery {
  /** `answer`: the list of all reports, or of the first ones when it is old; `activity`: an execution among those of the account. */
  readonly by: 'stream' | 'answer' | 'activity';
  readonly at: number;
}

interface World {
  readonly reports: readonly BrokerUpdate[];
  readonly standing: readonly string[];
}

/** What a broker does with the executions of one order; acts that cannot follow are left out. */
function worldOf(acts: readonly Act[]): World {
  const reports: BrokerUpdate[] = [];
  const standing = new Set<string>();
  const known = new Set<string>();
  let at = BEGAN;
  for (const { does, id: index, atOnce } of acts) {
    if (!atOnce) at = plusMs(at, 1);
    const id = IDS[index % IDS.length]!;
    const facts = { ...report(id, 4), at, clientOrderId: parseClientOrderId(ID), side: 'buy' as const };
    const isFirst = !id.endsWith('-c') && !known.has(id);
    if (does === 'fill' && isFirst) reports.push({ ...facts, kind: 'filled', filledAt: at });
    else if (does === 'book again' && known.has(id) && !standing.has(id) && !known.has(`${id}-c`)) {
      reports.push({ ...facts, kind: 'filled', filledAt: at, commission: Decimal.ZERO });
    } else if (does === 'bust' && standing.has(id)) {
      standing.delete(id);
      const { clientOrderId, brokerOrderId, rawSha256 } = facts;
      reports.push({ at, clientOrderId, brokerOrderId, rawSha256, kind: 'busted', executionId: id, reason: 'wrong' });
      continue;
    } else if (does === 'correct' && standing.has(id) && !id.endsWith('-c')) {
      standing.delete(id);
      const corrected = { ...report(`${id}-c`, 4, '100.03'), filledAt: BEGAN };
      reports.push({ ...facts, ...corrected, kind: 'corrected', correctsExecutionId: id });
      standing.add(`${id}-c`);
      known.add(`${id}-c`);
      continue;
    } else continue;
    standing.add(id);
    known.add(id);
  }
  return { reports, standing: [...standing].sort() };
}

/** The order of a journal to which these reports come. */
class Books {
  order: Order = intended();

  take(update: BrokerUpdate): number {
    const events = decideOrder(this.order, update);
    const at = toUtcText(update.at);
    for (const event of events) this.order = reduceOrder(this.order, event, null, at);
    return events.length;
  }

  answer(reports: readonly BrokerUpdate[]): number {
    return numberReports(reports, this.order).reduce((count, update) => count + this.take(update), 0);
  }

  deliver({ by, at }: Delivery, { reports }: World): void {
    const update = reports[at % Math.max(1, reports.length)];
    if (update === undefined) return;
    if (by === 'answer') this.answer(reports.slice(0, (at % reports.length) + 1));
    else if (by === 'stream') this.take(update);
    else if (update.kind === 'filled' || update.kind === 'corrected') {
      const fill: BrokerUpdate = { ...update, kind: 'filled' };
      if (!this.order.history.has(fill.executionId) && maybeOwn(this.order, fill)) this.take(fill);
    }
  }
}

const act: fc.Arbitrary<Act> = fc.record({
  does: fc.constantFrom('fill', 'fill', 'bust', 'book again', 'correct'),
  id: fc.nat({ max: IDS.length - 1 }),
  atOnce: fc.boolean(),
});
const delivery: fc.Arbitrary<Delivery> = fc.record({
  by: fc.constantFrom('stream', 'stream', 'answer', 'activity'),
  at: fc.nat({ max: 20 }),
});

test('whatever was lost, repeated, overtaken or old: after the whole list the executions that stand are those of the broker (P2)', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 14 }), fc.array(delivery, { maxLength: 16 }), (acts, deliveries) => {
      const world = worldOf(acts);
      const books = new Books();
      for (const each of deliveries) books.deliver(each, world);
      books.answer(world.reports);
      expect([...books.order.executions.keys()].sort()).toEqual(world.standing);
      expect(books.answer(world.reports)).toBe(0);
    }),
    { numRuns: runs(700, 10_000) },
  );
});
