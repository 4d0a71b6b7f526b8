import { isClosing } from '../../src/domain/lifecycle/bot-state.js';
import { isAccountRefusal } from '../../src/domain/orders/account-refusals.js';
import { isWithdrawal } from '../../src/domain/orders/withdrawals.js';
import { isSimulated } from '../../src/domain/config/simulated.js';
import { own } from '../kit/records.js';
import { settingOf } from './config.js';
import { critical, warning, without, type EventOf, type FindingsOf } from './status-part.js';
import type { StatusBody } from './status-state.js';

/** A live order that closes a position. */
interface ClosingOrder {
  readonly positionId: string;
  readonly isStop: boolean;
}

/** What protects the open positions at the broker, and what the broker refuses to close. */
export interface StopsStatus {
  /** By client order id. */
  readonly closingOrders: Record<string, ClosingOrder>;
  /** Position id to why the broker has no stop of it; empty text: no stop order was sent. */
  readonly stopsHere: Record<string, string>;
  /** Position id to why the broker refused its last exit. */
  readonly exitsRefused: Record<string, string>;
}

/** Before the first event. */
export function newStopsStatus(): StopsStatus {
  return { closingOrders: {}, stopsHere: {}, exitsRefused: {} };
}

/** An order to close a position, or its stop, is on its way. */
export function noteClosingIntent(body: StatusBody, { data }: EventOf<'OrderIntended'>): void {
  if (data.purpose !== 'exit') return;
  body.closingOrders[data.clientOrderId] = { positionId: data.positionId, isStop: data.orderType === 'stop' };
}

/** The broker has the order: what it refused before is over. */
export function noteClosingTaken(body: StatusBody, id: string): void {
  const order = own(body.closingOrders, id);
  if (order === undefined) return;
  without(order.isStop ? body.stopsHere : body.exitsRefused, order.positionId);
}

/** The broker refused the order; what the bot itself withdrew says nothing of the broker. */
export function noteClosingRefused(
  body: StatusBody,
  { clientOrderId, code, message }: EventOf<'OrderRejected'>['data'],
): void {
  const order = own(body.closingOrders, clientOrderId);
  noteClosingEnd(body, clientOrderId);
  if (order === undefined || own(body.positions, order.positionId) === undefined || isWithdrawal(code)) return;
  if (order.isStop) body.stopsHere[order.positionId] = message;
  else if (!isAccountRefusal({ code, message })) body.exitsRefused[order.positionId] = message;
}

/** The symbol that an order closes; undefined for other orders, and for a stop that rests. */
export function closedBy(body: StatusBody, id: string): string | undefined {
  const order = own(body.closingOrders, id);
  return order === undefined || order.isStop ? undefined : own(body.positions, order.positionId)?.ticker;
}

/** The order is over. */
export function noteClosingEnd(body: StatusBody, id: string): void {
  without(body.closingOrders, id);
}

/** A stop was set here and none was sent to the broker: of an option, of parts of a share, or where the broker takes none. */
export function noteStopsHere(body: StatusBody): void {
  if (settingOf(body, 'STOPS_AT_BROKER') === 'false' || body.botState === null || isClosing(body.botState)) return;
  const covered = new Set(Object.values(body.closingOrders).map(({ positionId }) => positionId));
  for (const { position_id: id, stop } of Object.values(body.positions)) {
    if (stop === null || covered.has(id)) continue;
    body.stopsHere[id] ??= '';
  }
}

/** A position that is closed needs no stop. */
export function noteNoPosition(body: StatusBody, positionId: string): void {
  without(body.stopsHere, positionId);
  without(body.exitsRefused, positionId);
  for (const [id, order] of Object.entries(body.closingOrders)) {
    if (order.positionId === positionId) without(body.closingOrders, id);
  }
}

/** Exits that the broker refused, and stops that only the bot watches; a simulator has no money to lose. */
export const stopFindings: FindingsOf = ({ body }) => {
  if (isSimulated(settingOf(body, 'BROKER_NAME'))) return [];
  const named = (positionId: string): string => own(body.positions, positionId)?.ticker ?? positionId;
  const refused = Object.entries(body.exitsRefused).map(([id, why]) =>
    critical(
      'EXIT_REFUSED',
      `the broker took no order to close ${named(id)}: ${why}`,
      'The bot tries again each minute. If the refusal stays, close the position at the broker.',
    ),
  );
  const here = Object.entries(body.stopsHere).map(([id, why]) =>
    warning(
      'STOP_NOT_AT_BROKER',
      `the stop of ${named(id)} is watched by the bot only${why === '' ? '' : ` (${why})`}: if the bot is down, nothing closes it`,
      'Keep the bot running while the position is open. A refused stop is sent again after 15 minutes, three times at most.',
    ),
  );
  return [...refused, ...here].sort((a, b) => (a.text < b.text ? -1 : 1));
};
