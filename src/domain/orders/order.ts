import { Decimal } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';
import type { Sha256Hex, Uuid } from '../../kernel/hash.js';
import type { UtcText } from '../../kernel/time.js';
import type { EventData, RecordedEvent, TypesOf } from '../../events/event.js';

/** The events that move an order: not TrailingStopMoved, which belongs to the position, and OrderReloaded, which moves nothing. */
export type OrderEventType = Exclude<TypesOf<'orders'>, 'TrailingStopMoved' | 'OrderReloaded'>;
export type OrderEvent = { [T in OrderEventType]: { readonly type: T; readonly data: EventData<T> } }[OrderEventType];

/**
 * Stage of an order. `submitted`: sent, not acknowledged. `working`: known at the broker. `unresolved`: status unknown, the
 * broker must be queried. The last four are final.
 */
export type OrderStage =
  'intended' | 'submitted' | 'working' | 'unresolved' | 'filled' | 'cancelled' | 'rejected' | 'expired';

/** Commission and fee in dollars. */
export interface Charges {
  readonly commission: Decimal;
  readonly fee: Decimal;
}

export interface Execution {
  readonly executionId: string;
  readonly brokerOrderId: string;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly commission: Decimal;
  readonly fee: Decimal;
  readonly filledAt: UtcText;
  readonly rawSha256: Sha256Hex;
  /** Charges as reported, when they differ from the cents that are booked. */
  readonly reportedCharges?: Charges;
}

/** Everything that was recorded under one execution id; a broker may cancel an execution and book it again under its id. */
export interface ExecutionHistory {
  /** Each booking of the id, oldest first. */
  readonly bookings: readonly Execution[];
  /** How many of them were busted or replaced. */
  readonly endings: number;
  /** Broker's time of the last bust or replacement; null when none is known. */
  readonly endedAt: UtcText | null;
}

export interface Order {
  readonly intent: EventData<'OrderIntended'>;
  /** Time of the intent; null when it is not known. */
  readonly intendedAt: UtcText | null;
  readonly stage: OrderStage;
  readonly attempts: number;
  readonly acknowledged: boolean;
  readonly cancelRequested: boolean;
  /** By execution id, in order of arrival, without busted and replaced ones. */
  readonly executions: ReadonlyMap<string, Execution>;
  /** By execution id, busted and replaced ones included: what must not count again. */
  readonly history: ReadonlyMap<string, ExecutionHistory>;
  readonly filled: Decimal;
  /** Event that causes the next effect or update. */
  readonly lastEventId: Uuid | null;
}

/**
 * The lifecycle of an order (TRD-51): the allowed events of each stage, and the stage each one leads to. Other events
 * cannot be recorded. `byFill` leads to `filled` when the quantity is complete.
 */
export const ORDER_TRANSITIONS: Readonly<
  Record<OrderStage, Partial<Readonly<Record<OrderEventType, OrderStage | 'same' | 'byFill' | 'byOutcome'>>>>
> = {
  intended: {
    OrderSubmitted: 'submitted',
    OrderRejected: 'rejected',
    OrderUnresolved: 'unresolved',
    // after a crash between the send and its event, the first update may be any of these
    OrderAcknowledged: 'working',
    OrderFilled: 'byFill',
    OrderCancelled: 'cancelled',
    OrderExpired: 'expired',
  },
  submitted: {
    OrderSubmitted: 'same',
    OrderAcknowledged: 'working',
    OrderRejected: 'rejected',
    OrderUnresolved: 'unresolved',
    OrderCancelRequested: 'same',
    // a fill may arrive before the acknowledgement
    OrderFilled: 'byFill',
    OrderCancelled: 'cancelled',
    OrderExpired: 'expired',
  },
  working: {
    // the acknowledgement that arrives after a fill
    OrderAcknowledged: 'same',
    OrderFilled: 'byFill',
    OrderFillBusted: 'same',
    OrderFillCorrected: 'byFill',
    OrderCancelRequested: 'same',
    OrderCancelled: 'cancelled',
    OrderExpired: 'expired',
    // brokers may reject an order they had accepted
    OrderRejected: 'rejected',
    OrderUnresolved: 'unresolved',
  },
  unresolved: {
    OrderResolved: 'byOutcome',
    OrderAcknowledged: 'working',
    OrderFilled: 'byFill',
    OrderFillBusted: 'same',
    OrderFillCorrected: 'byFill',
    OrderCancelRequested: 'same',
    OrderCancelled: 'cancelled',
    OrderExpired: 'expired',
    OrderRejected: 'rejected',
  },
  // after a final status, late fills, excess fills, busts and corrections may still arrive
  filled: { OrderAcknowledged: 'same', OrderFilled: 'same', OrderFillBusted: 'same', OrderFillCorrected: 'same' },
  cancelled: { OrderAcknowledged: 'same', OrderFilled: 'same', OrderFillBusted: 'same', OrderFillCorrected: 'same' },
  rejected: { OrderFilled: 'same', OrderFillBusted: 'same', OrderFillCorrected: 'same' },
  expired: { OrderAcknowledged: 'same', OrderFilled: 'same', OrderFillBusted: 'same', OrderFillCorrected: 'same' },
};

/** Whether it is a stop that waits at the broker, or on its way there: one that traded is an exit like others. */
export function isRestingStop({ intent, filled }: Pick<Order, 'intent' | 'filled'>): boolean {
  return intent.purpose === 'exit' && intent.orderType === 'stop' && filled.isZero();
}

export function isDone(order: Order): boolean {
  return ORDER_ENDS.has(order.stage);
}

const ORDER_ENDS: ReadonlySet<OrderStage> = new Set(['filled', 'cancelled', 'rejected', 'expired']);

export function mayRecord(order: Order, type: OrderEventType): boolean {
  return ORDER_TRANSITIONS[order.stage][type] !== undefined;
}

export function openQuantity(order: Order): Decimal {
  if (order.intent.quantity === null) return Decimal.ZERO;
  return Decimal.max(Decimal.parse(order.intent.quantity).minus(order.filled), Decimal.ZERO);
}

/**
 * Applies one event of the order's stream; `order` is undefined before OrderIntended. `at` is the broker's time of a
 * report.
 */
export function reduceOrder(
  order: Order | undefined,
  event: OrderEvent,
  eventId: Uuid | null,
  at: UtcText | null = null,
): Order {
  if (event.type === 'OrderIntended') {
    invariant(order === undefined, 'ORDER_INTENDED_TWICE', `order ${event.data.clientOrderId} was intended twice`);
    return {
      intent: event.data,
      intendedAt: at,
      stage: 'intended',
      attempts: 0,
      acknowledged: false,
      cancelRequested: false,
      executions: new Map(),
      history: new Map(),
      filled: Decimal.ZERO,
      lastEventId: eventId,
    };
  }
  invariant(
    order !== undefined,
    'ORDER_UNKNOWN',
    `${event.type} for order ${event.data.clientOrderId}, which was never intended`,
  );
  const arrow = ORDER_TRANSITIONS[order.stage][event.type];
  invariant(
    arrow !== undefined,
    'ORDER_TRANSITION',
    `${event.type} cannot follow ${order.stage} (${event.data.clientOrderId})`,
  );
  const next = { ...take(order, event, at), lastEventId: eventId };
  switch (arrow) {
    case 'same':
      return next;
    case 'byFill':
      return { ...next, stage: isWholeFilled(next) ? 'filled' : 'working' };
    case 'byOutcome':
      return { ...next, stage: stageAfterAnswer(next, event) };
    default:
      return { ...next, stage: arrow };
  }
}

/** Stage after a query: the previous stage when the order was found; `intended` when not, so it may be sent (again). */
function stageAfterAnswer(order: Order, event: OrderEvent): OrderStage {
  if (event.type !== 'OrderResolved' || event.data.outcome !== 'found') return 'intended';
  return order.acknowledged || !order.filled.isZero() ? 'working' : 'submitted';
}

function isWholeFilled(order: Order): boolean {
  return order.intent.quantity !== null && order.filled.gte(Decimal.parse(order.intent.quantity));
}

function take(order: Order, event: Exclude<OrderEvent, { type: 'OrderIntended' }>, at: UtcText | null): Order {
  switch (event.type) {
    case 'OrderSubmitted':
      return { ...order, attempts: event.data.attempt };
    case 'OrderAcknowledged':
      return { ...order, acknowledged: true };
    case 'OrderCancelRequested':
      return { ...order, cancelRequested: true };
    case 'OrderFilled':
      return withExecution(order, event.data);
    case 'OrderFillCorrected':
      return withExecution(withoutExecution(order, event.data.correctsExecutionId, at), event.data);
    case 'OrderFillBusted':
      return withoutExecution(order, event.data.executionId, at);
    case 'OrderUnresolved':
      // a send without a response counts as an attempt
      return order.stage === 'intended' ? { ...order, attempts: order.attempts + 1 } : order;
    case 'OrderRejected':
    case 'OrderCancelled':
    case 'OrderExpired':
    case 'OrderResolved':
      return order;
  }
}

/** Charges of an event as the broker reported them; undefined when it reported the cents that are booked. */
export function reportedOf({
  reportedCharges: reported,
}: Pick<EventData<'OrderFilled'>, 'reportedCharges'>): Pick<Execution, 'reportedCharges'> {
  if (reported === undefined) return {};
  const { commission, fee } = reported;
  return { reportedCharges: { commission: Decimal.parse(commission), fee: Decimal.parse(fee) } };
}

function executionOf(data: EventData<'OrderFilled'>): Execution {
  return {
    executionId: data.executionId,
    brokerOrderId: data.brokerOrderId,
    quantity: Decimal.parse(data.quantity),
    price: Decimal.parse(data.price),
    commission: Decimal.parse(data.commission),
    fee: Decimal.parse(data.fee),
    filledAt: data.filledAt,
    rawSha256: data.rawSha256,
    ...reportedOf(data),
  };
}

const NO_HISTORY: ExecutionHistory = { bookings: [], endings: 0, endedAt: null };

/** What was recorded under an execution id of the order. */
export function historyOf(order: Pick<Order, 'history'>, executionId: string): ExecutionHistory {
  return order.history.get(executionId) ?? NO_HISTORY;
}

function withExecution(order: Order, data: EventData<'OrderFilled'>): Order {
  const execution = executionOf(data);
  const known = historyOf(order, execution.executionId);
  const executions = new Map(order.executions).set(execution.executionId, execution);
  return changed(order, executions, execution.executionId, { ...known, bookings: [...known.bookings, execution] });
}

function withoutExecution(order: Order, executionId: string, at: UtcText | null): Order {
  const known = historyOf(order, executionId);
  const executions = new Map(order.executions);
  executions.delete(executionId);
  return changed(order, executions, executionId, { ...known, endings: known.endings + 1, endedAt: at });
}

function changed(
  order: Order,
  executions: ReadonlyMap<string, Execution>,
  executionId: string,
  history: ExecutionHistory,
): Order {
  return {
    ...order,
    executions,
    history: new Map(order.history).set(executionId, history),
    filled: Decimal.sum([...executions.values()].map((execution) => execution.quantity)),
  };
}

const ORDER_EVENTS: ReadonlySet<string> = new Set<OrderEventType>([
  'OrderIntended',
  'OrderSubmitted',
  'OrderAcknowledged',
  'OrderRejected',
  'OrderFilled',
  'OrderFillBusted',
  'OrderFillCorrected',
  'OrderCancelRequested',
  'OrderCancelled',
  'OrderExpired',
  'OrderUnresolved',
  'OrderResolved',
]);

export function isOrderEvent(event: RecordedEvent): event is RecordedEvent<OrderEventType> {
  return ORDER_EVENTS.has(event.type);
}
