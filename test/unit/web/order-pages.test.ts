import { expect, test } from '@jest/globals';
import { closedTrades, orderLife, orderRows } from '../../../src/app/web-queries/order-pages.js';
import type { EventData, Position, RecordedEvent } from '../../../src/events/event.js';
import { parseClientOrderId } from '../../../src/events/names.js';
import type { Journal } from '../../../src/ports/journal.js';
import { INTENT, report } from '../orders/support.js';
import { recorded, type Overrides } from '../support/events.js';

const DATE = '2026-01-06';
const STORY = 'session/open/SPY';
const SECOND = parseClientOrderId('B01-20260106-2');

/** A journal in memory that says which streams were read. */
class Streams {
  readonly read: string[] = [];

  constructor(private readonly all: readonly RecordedEvent[]) {}

  readAll({ after, limit = 1_000, direction, filter }: Parameters<Journal['readAll']>[0] = {}): Promise<
    readonly RecordedEvent[]
  > {
    const backwards = direction === 'backwards';
    const found = this.all.filter(
      ({ type, position }) =>
        filter?.types?.includes(type) !== false &&
        (after === undefined || (backwards ? position < after : position > after)),
    );
    return Promise.resolve((backwards ? found.reverse() : found).slice(0, limit));
  }

  readStream(
    stream: string,
    { from = 0, limit = 1_000, direction = 'forwards' }: { from?: number; limit?: number; direction?: string } = {},
  ): Promise<readonly RecordedEvent[]> {
    this.read.push(stream);
    const own = this.all.filter((event) => event.stream === stream);
    return Promise.resolve(direction === 'backwards' ? own.slice(-limit) : own.slice(from, from + limit));
  }
}

function journal(): Streams {
  const events: RecordedEvent[] = [];
  const revisions = new Map<string, number>();
  const add = <T extends RecordedEvent['type']>(type: T, stream: string, data: object, causedBy?: RecordedEvent) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const where: Overrides = {
      stream,
      revision,
      position: events.length + 1,
      at: `${DATE}T15:00:00.000Z`,
      correlationId: STORY,
    };
    const made = recorded(type, data as EventData<T>, where);
    const event = { ...made, meta: { ...made.meta, causationId: causedBy?.id ?? null } };
    events.push(event as unknown as RecordedEvent);
    return event as unknown as RecordedEvent;
  };
  const filled = (clientOrderId: string, side: string, execution: string, quantity: number, price: string) => {
    const { commission, fee, ...fill } = report(execution, quantity, price);
    return {
      ...{
        ...fill,
        clientOrderId,
        side,
        strategy: 'open',
        positionId: 'position',
        positionEffect: INTENT.positionEffect,
      },
      ...{ quantity: String(quantity), price, commission: commission.text(), fee: fee.shortText(2), currency: 'USD' },
    };
  };
  const stop = {
    positionId: 'position',
    strategy: 'open',
    symbol: 'SPY',
    side: 'long',
    stop: '99.00',
    previousStop: null,
    extreme: '100.00',
    basis: 'percent',
  };
  for (let at = 0; at < 40; at += 1) add('TrailingStopMoved', 'position-SPY', stop);
  const blocked = {
    strategy: 'open',
    symbol: 'SPY',
    signalId: 'signal',
    positionId: null,
    limit: 'BUYING_POWER',
    figures: {},
  };
  add('TradeBlocked', `strategy-open-${DATE}`, { ...blocked, purpose: 'exit' });
  add('TradeBlocked', `strategy-open-${DATE}`, { ...blocked, purpose: 'entry' });
  const own = `order-${INTENT.clientOrderId}`;
  add('OrderIntended', own, INTENT);
  add('OrderSubmitted', own, { clientOrderId: INTENT.clientOrderId, attempt: 1 });
  add('OrderFilled', own, filled(INTENT.clientOrderId, 'buy', 'E1', 4, '100.00'));
  const last = add('OrderFilled', own, filled(INTENT.clientOrderId, 'buy', 'E2', 6, '100.50'));
  add('TrailingStopMoved', 'position-SPY', stop, last);
  add('TrailingStopMoved', 'position-SPY', stop);
  add('OrderIntended', `order-${SECOND}`, { ...INTENT, clientOrderId: SECOND, symbol: 'KO' });
  const closed = {
    ...{ positionId: 'position', strategy: 'open', symbol: 'SPY', side: 'long', quantity: '10', entryPrice: '100.30' },
    ...{
      exitPrice: '101.00',
      entryAt: `${DATE}T15:00:00.000Z`,
      exitAt: `${DATE}T15:00:00.000Z`,
      signalAt: `${DATE}T15:00:00.000Z`,
    },
    ...{ grossPnl: '7.00', fees: '0.70', netPnl: '6.30', slippage: '0.00', exitReason: 'timeout' },
  };
  add('PositionClosed', 'position-SPY', closed);
  return new Streams(events);
}

const at = (position: number): Position => String(position).padStart(16, '0') as Position;

test('orders are newest first with what was filled and what that cost; filters and cursor leave none out', async () => {
  const { items, nextCursor } = await orderRows(journal(), { limit: 1 });
  expect(items).toMatchObject([
    { clientOrderId: SECOND, stage: 'intended', filled: '0', averagePrice: null, slippage: null },
  ]);
  const older = await orderRows(journal(), { limit: 1, cursor: nextCursor ?? '' });
  expect(older).toMatchObject({
    items: [
      {
        clientOrderId: INTENT.clientOrderId,
        stage: 'filled',
        filled: '10',
        averagePrice: '100.30',
        fees: '0.70',
        slippage: '3.00',
      },
    ],
    nextCursor: null,
  });
  for (const [query, found] of [
    [{ symbol: 'KO' }, [SECOND]],
    [{ strategy: 'mid' }, []],
    [{ session: DATE, symbol: 'SPY' }, [INTENT.clientOrderId]],
    [{ session: '2026-01-07' }, []],
  ] as const) {
    const listed = await orderRows(journal(), { limit: 50, ...query });
    expect([query, listed.items.map(({ clientOrderId }) => clientOrderId)]).toEqual([query, found]);
  }
});

test('at a past position an order is as it was there, and later ones and trades are not there', async () => {
  const { items } = await orderRows(journal(), { limit: 50, asof: at(45) });
  expect(items).toMatchObject([{ stage: 'working', filled: '4', averagePrice: '100.00' }]);
  expect((await closedTrades(journal(), { limit: 50, asof: at(49) })).items).toEqual([]);
  expect((await closedTrades(journal(), { limit: 50, asof: at(50) })).items).toHaveLength(1);
});

test('the life has the gate of its own purpose, its events and what these caused, from three streams', async () => {
  const read = journal();
  const life = await orderLife(read, INTENT.clientOrderId, undefined);
  expect(life?.events.map(({ type, position }) => `${type} ${Number(position)}`)).toEqual([
    ...['TradeBlocked 42', 'OrderIntended 43', 'OrderSubmitted 44', 'OrderFilled 45', 'OrderFilled 46'],
    'TrailingStopMoved 47',
  ]);
  expect(new Set(read.read)).toEqual(
    new Set([`order-${INTENT.clientOrderId}`, `strategy-open-${DATE}`, 'position-SPY']),
  );
  expect(await orderLife(read, parseClientOrderId('none'), undefined)).toBeUndefined();
  expect(await orderLife(read, INTENT.clientOrderId, at(42))).toBeUndefined();
});
