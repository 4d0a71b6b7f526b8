import { describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '../../src/events/event.js';
import { runThroughDeaths } from './support/crash.js';
import { DAY, home, played } from './support/days.js';
import { expectGoodBooks } from './support/oracle.js';

/** A stop so near that most positions end by it. */
const NEAR = {
  TRADING_TRAILING_STOP_PCT: '0.002',
  TRAIL_PCT_OPEN: '0.002',
  TRAIL_PCT_MID: '0.002',
  TRAIL_PCT_CLOSE: '0.002',
};
const RESTS = { nativeStop: true };

const LIVE_ENDS: readonly string[] = ['OrderCancelled', 'OrderRejected', 'OrderExpired'];

interface StopOrder {
  readonly positionId: string;
  left: number;
}

/** Throws when two orders of a position are live at once, or a stop covers more than is held. */
function checkStops(events: readonly RecordedEvent[]): { readonly placed: number; readonly traded: number } {
  const live = new Map<string, StopOrder>();
  const held = new Map<string, number>();
  let placed = 0;
  let traded = 0;
  for (const event of events) {
    if (event.type === 'OrderIntended' && event.data.purpose === 'exit') {
      const { positionId, clientOrderId, quantity, orderType } = event.data;
      const others = [...live.values()].filter((order) => order.positionId === positionId);
      expect({ at: event.recordedAt, others }).toEqual({ at: event.recordedAt, others: [] });
      expect(Number(quantity)).toBeLessThanOrEqual(Math.abs(held.get(positionId) ?? 0));
      live.set(clientOrderId, { positionId, left: Number(quantity) });
      if (orderType === 'stop') placed += 1;
    }
    if (event.type === 'OrderFilled') {
      const { positionId, clientOrderId, quantity, side } = event.data;
      held.set(positionId, (held.get(positionId) ?? 0) + (side === 'buy' ? 1 : -1) * Number(quantity));
      const order = live.get(clientOrderId);
      if (order === undefined) continue;
      order.left -= Number(quantity);
      if (order.left <= 0) live.delete(clientOrderId);
      traded += 1;
    }
    if (LIVE_ENDS.includes(event.type) && 'clientOrderId' in event.data) live.delete(String(event.data.clientOrderId));
  }
  expect([...live.keys()]).toEqual([]);
  return { placed, traded };
}

describe('stops that rest at the broker over whole days', () => {
  test('they follow the stop of the journal, trade there, and books and broker agree', async () => {
    const day = await played({ profile: RESTS, settings: NEAR });
    const events = await day.events();
    expect(checkStops(events).placed).toBeGreaterThan(10);
    const closed = await day.eventsOf('PositionClosed');
    const stopped = closed.filter(({ data }) => data.exitReason === 'stop_loss');
    expect(stopped.length).toBeGreaterThan(2);
    const intents = new Map((await day.eventsOf('OrderIntended')).map(({ data }) => [data.clientOrderId, data]));
    const byStop = (await day.eventsOf('OrderFilled')).filter(
      ({ data }) => intents.get(data.clientOrderId)?.orderType === 'stop',
    );
    expect(byStop.length).toBeGreaterThan(2);
    await expectGoodBooks(day, { trades: 4 });
  });

  test('without them, or with the setting off, no stop order is placed', async () => {
    for (const choice of [{ settings: NEAR }, { profile: RESTS, settings: { ...NEAR, STOPS_AT_BROKER: 'false' } }]) {
      const day = await played(choice);
      expect(checkStops(await day.events()).placed).toBe(0);
    }
  });

  test.each(Array.from({ length: 6 }, (_, n) => n + 1))(
    'faults and crashes leave one stop at most, seed=%i',
    async (seed) => {
      const day = home({
        seed,
        profile: { ...RESTS, partialFillProbability: 0.6, rejectProbability: seed % 3 === 0 ? 0.2 : 0 },
        settings: seed % 4 === 0 ? { ...NEAR, DAILY_LOSS_LIMIT: '0.0001' } : NEAR,
        faults: [
          { kind: 'submit_timeout_accepted', match: { purpose: 'exit' }, times: 3 },
          { kind: 'submit_timeout_lost', match: { nth: 4 } },
          { kind: 'drop_fill', match: { nth: 3 } },
          { kind: 'fill_after_cancel', afterMs: 1_500, match: { nth: 6 } },
          { kind: 'disconnect', from: seed * 600_000, to: seed * 600_000 + 240_000, refuses: 'orders' },
        ],
      });
      const deaths = [seed * 7, seed * 13].map((nth) => ({
        when: nth % 2 === 0 ? ('before' as const) : ('after' as const),
        at: (_type: string, count: number) => count === nth,
      }));
      await runThroughDeaths(day, DAY, deaths);
      await expectGoodBooks(day, { trades: 0, left: 'any' });
    },
  );
});
