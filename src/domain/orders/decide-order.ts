import type { Decimal } from '../../kernel/decimal.js';
import type { ExitReason } from './exit-reason.js';
import {
  decideBust,
  decideCorrection,
  decideFill,
  type BustReport,
  type CorrectionReport,
  type FillReport,
} from './decide-execution.js';
import { NO_CHARGES, type Unbooked } from './charges.js';
import { isDone, mayRecord, type Order, type OrderEvent } from './order.js';

export type { FillReport } from './decide-execution.js';

/** Command to an order: a broker update, the result of a query, or an action of the bot. */
export type OrderCommand =
  | { readonly kind: 'handedOver' }
  | { readonly kind: 'noAnswer'; readonly code: string; readonly message: string }
  | { readonly kind: 'brokerKnows'; readonly message: string }
  | { readonly kind: 'brokerDoesNotKnow' }
  | { readonly kind: 'requestCancel'; readonly reason: string; readonly exitReason: ExitReason | null }
  | { readonly kind: 'acknowledged'; readonly brokerOrderId: string }
  /** With a `brokerOrderId` the broker had taken the order in; without one it was refused at the door, or never sent. */
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string; readonly brokerOrderId?: string }
  | ({ readonly kind: 'filled' } & FillReport)
  | ({ readonly kind: 'corrected' } & CorrectionReport)
  | ({ readonly kind: 'busted' } & BustReport)
  | ({ readonly kind: 'cancelled'; readonly reason: string } & EndReport)
  | ({ readonly kind: 'expired' } & EndReport);

/** Final status of an order. */
export interface EndReport {
  readonly filledQuantity: Decimal;
  /** Whether it is part of a query result, which lists all executions, so none can be missing. */
  readonly complete?: boolean;
}

/**
 * Decides the events that follow from a command. A repeated update has none: the same execution again, an
 * acknowledgement after a reconnect, a final status already reached (F2, F9). A fill always counts once, even when it is
 * late, precedes the acknowledgement, or exceeds the quantity (F3, F5); an execution that was busted and booked again
 * under its id counts again. An update that comes before the answer to the send shows that the order was sent: every
 * order that reaches the broker has its OrderSubmitted. `unbooked` is what the account has not booked yet of parts of a cent.
 */
export function decideOrder(
  order: Order,
  command: OrderCommand,
  unbooked: Unbooked = NO_CHARGES,
): readonly OrderEvent[] {
  const events = decideCommand(order, command, unbooked);
  const sentUnnoticed = order.stage === 'intended' && events.length > 0 && isBrokerUpdate(command);
  return sentUnnoticed ? [sent(order), ...events] : events;
}

/** Whether only a broker that has the order can be the source of the command. */
function isBrokerUpdate(command: OrderCommand): boolean {
  switch (command.kind) {
    case 'acknowledged':
    case 'filled':
    case 'corrected':
    case 'busted':
    case 'cancelled':
    case 'expired':
      return true;
    case 'rejected':
      return command.brokerOrderId !== undefined;
    case 'handedOver':
    case 'noAnswer':
    case 'brokerKnows':
    case 'brokerDoesNotKnow':
    case 'requestCancel':
      return false;
  }
}

function sent({ intent, attempts }: Order): OrderEvent {
  return { type: 'OrderSubmitted', data: { clientOrderId: intent.clientOrderId, attempt: attempts + 1 } };
}

function decideCommand(order: Order, command: OrderCommand, unbooked: Unbooked): readonly OrderEvent[] {
  const clientOrderId = order.intent.clientOrderId;
  switch (command.kind) {
    case 'handedOver':
      return order.stage === 'intended' ? [sent(order)] : [];
    case 'noAnswer':
      return mayRecord(order, 'OrderUnresolved') ? [unresolved(order, command.code, command.message)] : [];
    case 'brokerKnows':
      return decideKnown(order, command.message);
    case 'brokerDoesNotKnow':
      return decideUnknown(order);
    case 'requestCancel':
      return decideCancel(order, command.reason, command.exitReason);
    case 'acknowledged':
      return mayRecord(order, 'OrderAcknowledged') && !order.acknowledged
        ? [{ type: 'OrderAcknowledged', data: { clientOrderId, brokerOrderId: command.brokerOrderId } }]
        : [];
    case 'rejected':
      return mayRecord(order, 'OrderRejected')
        ? [{ type: 'OrderRejected', data: { clientOrderId, ...rejection(command) } }]
        : [];
    case 'filled':
      return decideFill(order, command, unbooked);
    case 'corrected':
      return decideCorrection(order, command, unbooked);
    case 'busted':
      return decideBust(order, command);
    case 'cancelled':
      if (missesFills(order, command)) return fillsMissing(order, command);
      return mayRecord(order, 'OrderCancelled')
        ? [
            {
              type: 'OrderCancelled',
              data: { clientOrderId, filledQuantity: command.filledQuantity.shortText(), reason: command.reason },
            },
          ]
        : [];
    case 'expired':
      if (missesFills(order, command)) return fillsMissing(order, command);
      return mayRecord(order, 'OrderExpired')
        ? [{ type: 'OrderExpired', data: { clientOrderId, filledQuantity: command.filledQuantity.shortText() } }]
        : [];
  }
}

/** A rejection ends its order whatever code the broker gives: one that is no code here is kept in the message. */
function rejection({ code, message }: { readonly code: string; readonly message: string }): {
  readonly code: string;
  readonly message: string;
} {
  const ours = code
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replace(/^[^A-Z]+/, '')
    .slice(0, 60);
  return ours === code ? { code, message } : { code: ours === '' ? 'REJECTED' : ours, message: `${code}: ${message}` };
}

function decideCancel(order: Order, reason: string, exitReason: ExitReason | null): readonly OrderEvent[] {
  if (order.cancelRequested || !mayRecord(order, 'OrderCancelRequested')) return [];
  return [{ type: 'OrderCancelRequested', data: { clientOrderId: order.intent.clientOrderId, reason, exitReason } }];
}

function decideKnown(order: Order, message: string): readonly OrderEvent[] {
  const { clientOrderId, symbol, strategy } = order.intent;
  if (order.stage === 'intended') return [sent(order)];
  if (order.stage !== 'unresolved') return [];
  return [{ type: 'OrderResolved', data: { clientOrderId, symbol, strategy, outcome: 'found', message } }];
}

/**
 * Only an order whose status was queried may return to `intended` and be sent (again). An acknowledged order that the
 * broker no longer knows stays unresolved for manual review.
 */
function decideUnknown(order: Order): readonly OrderEvent[] {
  const { clientOrderId, symbol, strategy } = order.intent;
  if (order.stage !== 'unresolved' || order.acknowledged || !order.filled.isZero()) return [];
  return [
    {
      type: 'OrderResolved',
      data: { clientOrderId, symbol, strategy, outcome: 'not_found', message: 'the broker has no such order' },
    },
  ];
}

/** Whether the broker's final status has more filled shares than known: a fill was missed (F3). */
function missesFills(order: Order, end: EndReport): boolean {
  return end.complete !== true && !isDone(order) && end.filledQuantity.gt(order.filled);
}

/** Marks such an order unresolved: a query returns the missing fills, and its final status follows them. */
function fillsMissing(order: Order, end: EndReport): readonly OrderEvent[] {
  if (!mayRecord(order, 'OrderUnresolved')) return [];
  const figures = `${end.filledQuantity.shortText()} filled at the broker, ${order.filled.shortText()} known`;
  return [unresolved(order, 'FILLS_MISSING', figures)];
}

function unresolved(order: Order, code: string, message: string): OrderEvent {
  const { clientOrderId, symbol, strategy } = order.intent;
  return { type: 'OrderUnresolved', data: { clientOrderId, symbol, strategy, code, message } };
}
