import type { RecordedEvent } from '../../src/events/event.js';
import { accountRemedy, isAccountRefusal } from '../../src/domain/orders/account-refusals.js';
import { own } from '../kit/records.js';
import {
  critical,
  noted,
  seen,
  warning,
  without,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
} from './status-part.js';
import {
  closedBy,
  noteClosingEnd,
  noteClosingIntent,
  noteClosingRefused,
  noteClosingTaken,
  noteStopsHere,
} from './stops.js';
import { strategyOf } from './strategies.js';

/** Orders with unknown status, and the last execution. */
export interface OrdersStatus {
  /** Client order id to code. */
  readonly unresolved: Record<string, string>;
  lastTradeId: string | null;
  /** Why the broker refuses orders of the account; null once it takes one again. */
  ordersRefused: string | null;
}

/** Before the first event. */
export function newOrdersStatus(): OrdersStatus {
  return { unresolved: {}, lastTradeId: null, ordersRefused: null };
}

/** An execution is the last trade. */
export function noteExecution(body: OrdersStatus, event: RecordedEvent): void {
  if (event.type === 'OrderFilled') body.ordersRefused = null;
  if (event.type === 'OrderFilled' || event.type === 'OrderFillCorrected') body.lastTradeId = event.data.executionId;
}

/** What orders change. */
export const orderHandlers: StatusHandlers<'orders'> = {
  OrderIntended: noted((body, event: EventOf<'OrderIntended'>) => {
    if (event.data.purpose === 'entry') strategyOf(body, event.data.strategy).entries += 1;
    noteClosingIntent(body, event);
  }),
  OrderUnresolved: noted((body, event: EventOf<'OrderUnresolved'>) => {
    body.unresolved[event.data.clientOrderId] = event.data.code;
  }),
  OrderResolved: noted((body, event: EventOf<'OrderResolved'>) => without(body.unresolved, event.data.clientOrderId)),
  TrailingStopMoved: noted((body, event: EventOf<'TrailingStopMoved'>) => {
    const position = own(body.positions, event.data.positionId);
    if (position !== undefined) position.stop = event.data.stop;
    if (event.data.previousStop !== null) noteStopsHere(body);
  }),
  OrderAcknowledged: noted((body, event: EventOf<'OrderAcknowledged'>) => {
    body.ordersRefused = null;
    noteClosingTaken(body, event.data.clientOrderId);
  }),
  OrderCancelRequested: seen,
  OrderCancelled: noted((body, event: EventOf<'OrderCancelled'>) => noteClosingEnd(body, event.data.clientOrderId)),
  OrderExpired: noted((body, event: EventOf<'OrderExpired'>) => noteClosingEnd(body, event.data.clientOrderId)),
  OrderRejected: noted((body, event: EventOf<'OrderRejected'>) => {
    if (isAccountRefusal(event.data)) body.ordersRefused = event.data.message;
    noteClosingRefused(body, event.data);
  }),
  OrderReloaded: seen,
  OrderSubmitted: seen,
};

/** Orders whose status is unknown. */
export const unresolvedFields: FieldsOf = ({ body }) => ({ unresolved_orders: Object.keys(body.unresolved).sort() });

/** The last execution. */
export const lastTradeFields: FieldsOf = ({ body }) => ({ last_trade_id: body.lastTradeId });

/** Orders whose status is unknown. */
export const unresolvedFindings: FindingsOf = ({ body }) =>
  Object.keys(body.unresolved)
    .sort()
    .map((id) => {
      const closed = closedBy(body, id);
      if (closed === undefined)
        return warning(
          'ORDER_UNKNOWN',
          `order ${id}: status unknown`,
          'It is asked for again; see the broker if it stays.',
        );
      return warning(
        'ORDER_UNKNOWN',
        `order ${id} to close ${closed}: status unknown; the next one waits until the broker shows this one or has had a minute to show it, since both together would close twice`,
        'Wait. Close the position at the broker only after cancelling this order there.',
      );
    });

/** The broker refuses the orders of the account. */
export const refusedOrderFindings: FindingsOf = ({ body: { ordersRefused: why } }) =>
  why === null
    ? []
    : [critical('ORDERS_REFUSED', `the broker refuses orders of this account: ${why}`, accountRemedy(why))];
