import { Decimal } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';
import type { Uuid } from '../../kernel/hash.js';
import type { EventData, RecordedEvent } from '../../events/event.js';
import { chargesText } from './charges.js';
import { isOrderEvent, reduceOrder, reportedOf, type Execution, type ExecutionHistory, type Order } from './order.js';

/** An order of the journal that the engine has forgotten. */
export interface StoredOrder {
  readonly order: Order;
  readonly intended: RecordedEvent<'OrderIntended'>;
}

/** Folds the stream of an order; undefined when it has no intent. */
export function storedOrder(events: readonly RecordedEvent[]): StoredOrder | undefined {
  const intended = events.find((event): event is RecordedEvent<'OrderIntended'> => event.type === 'OrderIntended');
  let order: Order | undefined;
  for (const event of events) {
    if (isOrderEvent(event)) order = reduceOrder(order, event, event.id, event.occurredAt);
  }
  return order === undefined || intended === undefined ? undefined : { order, intended };
}

/** The data of OrderReloaded for a completed order, with the entry of its position. */
export function reloadedData(
  { order, intended }: StoredOrder,
  entry: EventData<'OrderIntended'>,
): EventData<'OrderReloaded'> {
  const { intent, stage, acknowledged, attempts } = order;
  const isEnd = stage === 'filled' || stage === 'cancelled' || stage === 'rejected' || stage === 'expired';
  invariant(isEnd, 'ORDER_NOT_DONE', `order ${intent.clientOrderId} is ${stage} and cannot be reloaded`);
  return {
    clientOrderId: intent.clientOrderId,
    intent,
    stage,
    acknowledged,
    attempts,
    executions: [...order.history.values()].flatMap(bookingsOf),
    entryOrder: entry.clientOrderId,
    positionSide: entry.positionEffect === 'open_short' || entry.positionEffect === 'close_short' ? 'short' : 'long',
    intendedAt: intended.occurredAt,
    sessionDate: intended.meta.sessionDate,
  };
}

type Reloaded = EventData<'OrderReloaded'>['executions'][number];

function bookingsOf({ bookings, endings, endedAt }: ExecutionHistory): readonly Reloaded[] {
  return bookings.map(({ reportedCharges: reported, ...booking }, index) => ({
    ...booking,
    quantity: booking.quantity.shortText(),
    price: booking.price.shortText(2),
    commission: booking.commission.shortText(2),
    fee: booking.fee.shortText(2),
    ...(reported === undefined ? {} : { reportedCharges: chargesText(reported) }),
    endedAt: index < endings ? (endedAt ?? booking.filledAt) : null,
  }));
}

/** The order as it was before it was forgotten. */
export function orderFromReload(data: EventData<'OrderReloaded'>, eventId: Uuid): Order {
  const executions = new Map<string, Execution>();
  const history = new Map<string, ExecutionHistory>();
  for (const { endedAt, ...reported } of data.executions) {
    const booking = executionOf(reported);
    const known = history.get(booking.executionId) ?? { bookings: [], endings: 0, endedAt: null };
    history.set(booking.executionId, {
      bookings: [...known.bookings, booking],
      endings: known.endings + (endedAt === null ? 0 : 1),
      endedAt: endedAt ?? known.endedAt,
    });
    if (endedAt === null) executions.set(booking.executionId, booking);
  }
  const { intent, intendedAt, stage, acknowledged, attempts } = data;
  const filled = Decimal.sum([...executions.values()].map(({ quantity }) => quantity));
  return {
    ...{ intent, intendedAt, stage, acknowledged, attempts, executions, history, filled },
    cancelRequested: true,
    lastEventId: eventId,
  };
}

function executionOf({ reportedCharges, ...reported }: Omit<Reloaded, 'endedAt'>): Execution {
  return {
    ...reported,
    quantity: Decimal.parse(reported.quantity),
    price: Decimal.parse(reported.price),
    commission: Decimal.parse(reported.commission),
    fee: Decimal.parse(reported.fee),
    ...(reportedCharges === undefined ? {} : reportedOf({ reportedCharges })),
  };
}
