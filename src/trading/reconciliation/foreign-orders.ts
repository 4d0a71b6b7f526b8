import type { EngineState } from '../../domain/session/engine-state.js';
import type { Draft } from '../../events/draft.js';
import type { EventData } from '../../events/event.js';
import type { Decimal } from '../../kernel/decimal.js';
import { LATEST_TIME, toUtcText, type EpochMs } from '../../kernel/time.js';

/** An open order as the broker lists it. */
export interface ListedOrder {
  readonly clientOrderId: string | null;
  readonly brokerOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: Decimal | null;
  readonly filledQuantity: Decimal;
  readonly state: 'working' | 'held' | 'cancel_pending';
  readonly placedAt: EpochMs | null;
}

type Seen = EventData<'ForeignOrderSeen'>;

/** Orders of others that are kept in mind at once; the account of a bot is no market maker's. */
const MOST_ORDERS = 200;
const LONGEST_NAME = 200;

/**
 * What a whole list of the open orders says of the orders of others: each that is new or has another state, and each that is
 * no longer open.
 */
export function foreignOrderDrafts(
  { foreign }: EngineState,
  listed: readonly ListedOrder[],
  correlationId: string,
): readonly Draft[] {
  const known = new Map(foreign.orders.map((order) => [order.brokerOrderId, order]));
  const now = new Map(listed.map((order) => [shown(order.brokerOrderId), order]));
  const gone = foreign.orders.filter(({ brokerOrderId }) => !now.has(brokerOrderId));
  const changed = [...now.values()]
    .map(seenOf)
    .filter((order) => known.get(order.brokerOrderId)?.state !== order.state);
  const room = Math.max(0, MOST_ORDERS - foreign.orders.length + gone.length);
  const fresh = changed.filter(({ brokerOrderId }) => !known.has(brokerOrderId)).slice(0, room);
  const other = changed.filter(({ brokerOrderId }) => known.has(brokerOrderId));
  const all: readonly Seen[] = [...gone.map((order): Seen => ({ ...order, state: 'gone' })), ...other, ...fresh];
  return all.map((data) => ({ type: 'ForeignOrderSeen', data, correlationId, causationId: null }));
}

/** Reports once for each order that the broker has one under an id of this bot which its journal does not have. */
export function botCopyDraft(
  state: EngineState,
  found: {
    readonly clientOrderId: string;
    readonly brokerOrderId: string | null;
    readonly symbol: string | null;
    readonly sign: EventData<'BotCopyFound'>['sign'];
  },
  correlationId: string,
): Draft | undefined {
  const clientOrderId = shown(found.clientOrderId);
  if (state.copyOrders.has(clientOrderId)) return undefined;
  const brokerOrderId = found.brokerOrderId === null ? null : shown(found.brokerOrderId);
  const symbol = found.symbol === null ? null : shown(found.symbol);
  const data = { clientOrderId, brokerOrderId, symbol, sign: found.sign };
  return { type: 'BotCopyFound', data, correlationId, causationId: null };
}

function seenOf(order: ListedOrder): Seen {
  const { clientOrderId, brokerOrderId, symbol, side, quantity, filledQuantity, state, placedAt } = order;
  const isTime = placedAt !== null && Number.isSafeInteger(placedAt) && placedAt >= 0 && placedAt <= LATEST_TIME;
  return {
    brokerOrderId: shown(brokerOrderId),
    clientOrderId: clientOrderId === null ? null : shown(clientOrderId),
    symbol: shown(symbol),
    side,
    quantity: quantity?.abs().shortText() ?? null,
    filledQuantity: filledQuantity.abs().shortText(),
    state,
    placedAt: isTime ? toUtcText(placedAt) : null,
  };
}

/** A name of others in one line: what cannot be shown is replaced. */
function shown(name: string): string {
  const text = name.slice(0, LONGEST_NAME).replace(/[^\u0020-\u007e]/g, '?');
  return text === '' ? '(no name)' : text;
}
