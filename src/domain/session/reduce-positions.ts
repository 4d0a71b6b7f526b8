import { Decimal } from '../../kernel/decimal.js';
import { addCents, cents, centsFromText, negateCents, NO_CENTS, roundToCents, type Cents } from '../../kernel/money.js';
import type { UtcText } from '../../kernel/time.js';
import type { EventData, RecordedEvent } from '../../events/event.js';
import type { ClientOrderId } from '../../events/names.js';
import { underlyingOf } from '../options/contract-name.js';
import { isRestingStop, type Execution, type Order, type OrderEvent } from '../orders/order.js';
import { orderFromReload } from '../orders/reload-order.js';
import type { EngineState } from './engine-state.js';
import type { PositionFill, PositionRun } from './session-run.js';

type FillEvent = Extract<OrderEvent, { type: 'OrderFilled' | 'OrderFillCorrected' | 'OrderFillBusted' }>;

/** Registers an order: an entry creates its position, an exit belongs to one. */
export function registerOrder(state: EngineState, event: RecordedEvent, intent: EventData<'OrderIntended'>): void {
  const known = state.positions.get(intent.positionId);
  const session = state.session;
  if (session !== undefined) session.orderSeq += 1;
  if (known !== undefined) {
    known.orders.push(intent.clientOrderId);
    // a stop that rests at the broker closes nothing before it trades
    if (intent.orderType !== 'stop') {
      if (intent.exitReason !== null) known.exitReason = intent.exitReason;
      known.exitOrders += 1;
    }
    known.lastEventId = event.id;
    return;
  }
  const run = session?.strategies.get(intent.strategy);
  // an inverse ETF and an option are bought on the signal of another symbol
  const signal = [...(run?.signals.values() ?? [])].find(({ data }) => data.signalId === intent.signalId);
  if (signal !== undefined) {
    signal.status = 'traded';
    run?.decided.add(signal.data.symbol);
  }
  run?.decided.add(intent.symbol);
  if (run !== undefined) run.entries += 1;
  session?.tickersTraded.add(underlyingOf(intent.symbol));
  state.positions.set(intent.positionId, {
    ...emptyPosition(intent),
    side: intent.positionEffect === 'open_short' ? 'short' : 'long',
    sessionDate: event.meta.sessionDate,
    signalAt: signal?.at ?? event.occurredAt,
    correlationId: event.meta.correlationId,
    orders: [intent.clientOrderId],
    lastEventId: event.id,
  });
}

/** The rest of a position that is the same whether its order is intended or read back. */
function emptyPosition(
  intent: EventData<'OrderIntended'>,
): Omit<PositionRun, 'side' | 'sessionDate' | 'signalAt' | 'correlationId'> {
  return {
    positionId: intent.positionId,
    strategy: intent.strategy,
    symbol: intent.symbol,
    signalId: intent.signalId,
    entryOrder: intent.clientOrderId,
    orders: [],
    fills: new Map(),
    reported: new Map(),
    gross: NO_CENTS,
    fees: NO_CENTS,
    quantity: Decimal.ZERO,
    opened: false,
    stop: undefined,
    best: undefined,
    stopMovedAt: undefined,
    exitReason: undefined,
    exitBlocks: new Set(),
    exitOrders: 0,
    lastEventId: null,
  };
}

/**
 * Takes back an order that was forgotten, and its position. The position was flat, so its executions are reported and
 * change no quantity: only what the broker reports next does.
 */
export function registerReload(state: EngineState, event: RecordedEvent<'OrderReloaded'>): void {
  const { data, recordedAt } = event;
  const order = orderFromReload(data, event.id);
  const { clientOrderId, positionId, exitReason } = data.intent;
  state.orders.set(clientOrderId, order);
  const position = state.positions.get(positionId) ?? {
    ...emptyPosition(data.intent),
    side: data.positionSide,
    entryOrder: data.entryOrder,
    sessionDate: data.sessionDate,
    signalAt: data.intendedAt,
    correlationId: event.meta.correlationId,
  };
  state.positions.set(positionId, position);
  if (!position.orders.includes(clientOrderId)) position.orders.push(clientOrderId);
  if (exitReason !== null && !isRestingStop(order)) position.exitReason = exitReason;
  position.lastEventId = event.id;
  for (const execution of order.executions.values()) {
    const key = fillKey(clientOrderId, execution.executionId);
    position.reported.set(key, positionFill(position, order, { ...execution, recordedAt, side: data.intent.side }));
  }
}

/** Registers a cancel: an exit may begin with the cancel of the rest of the entry. */
export function registerCancel(state: EngineState, data: EventData<'OrderCancelRequested'>): void {
  const order = state.orders.get(data.clientOrderId);
  const position = order === undefined ? undefined : state.positions.get(order.intent.positionId);
  if (position !== undefined) position.exitReason ??= data.exitReason ?? undefined;
}

/**
 * Applies an execution, bust or correction to its position and session. `gain` is the gain that the books realized by
 * this event; for a bust, the reversed gain.
 */
export function registerExecution(
  state: EngineState,
  { id, recordedAt }: Pick<RecordedEvent, 'id' | 'recordedAt'>,
  event: FillEvent,
  gain: Cents,
): void {
  const order = state.orders.get(event.data.clientOrderId);
  const position = order === undefined ? undefined : state.positions.get(order.intent.positionId);
  if (order === undefined || position === undefined) return;
  position.lastEventId = id;
  position.gross = addCents(position.gross, gain);
  if (event.type === 'OrderFilled' && order.intent.orderType === 'stop') {
    position.exitReason ??= order.intent.exitReason ?? undefined;
  }
  let fees = NO_CENTS;
  let cashFlow = NO_CENTS;
  const book = (fill: PositionFill | undefined, times: 1n | -1n): void => {
    if (fill === undefined) return;
    fees = cents(fees + times * fill.fees);
    cashFlow = cents(cashFlow + times * moneyOf(position, fill));
  };
  const { clientOrderId } = event.data;
  // the best price may have been the entry that is taken back now
  if (event.type !== 'OrderFilled') position.best = undefined;
  if (event.type === 'OrderFillBusted') book(takeBack(position, fillKey(clientOrderId, event.data.executionId)), -1n);
  else {
    if (event.type === 'OrderFillCorrected') {
      book(takeBack(position, fillKey(clientOrderId, event.data.correctsExecutionId)), -1n);
    }
    book(addFill(position, { ...event.data, recordedAt }, order), 1n);
  }
  position.fees = addCents(position.fees, fees);
  const session = state.session;
  if (session === undefined) return;
  session.grossPnl = addCents(session.grossPnl, gain);
  session.fees = addCents(session.fees, fees);
  session.cashFlow = addCents(session.cashFlow, cashFlow);
}

/** What the account receives for an execution before charges, below zero for a purchase; to the cent, as in the books. */
function moneyOf({ side }: PositionRun, { opens, quantity, price }: PositionFill): Cents {
  const amount = roundToCents(quantity.times(price));
  return opens === (side === 'long') ? negateCents(amount) : amount;
}

type Recorded = { readonly recordedAt: UtcText };

function addFill(position: PositionRun, data: EventData<'OrderFilled'> & Recorded, order: Order): PositionFill {
  const { clientOrderId, executionId, filledAt, recordedAt, side } = data;
  const figures = [data.quantity, data.price, data.commission, data.fee].map((text) => Decimal.parse(text));
  const [quantity, price, commission, fee] = figures as [Decimal, Decimal, Decimal, Decimal];
  const executed = { executionId, filledAt, recordedAt, side, quantity, price, commission, fee };
  const fill = positionFill(position, order, executed);
  position.fills.set(fillKey(clientOrderId, executionId), fill);
  position.quantity = fill.opens ? position.quantity.plus(quantity) : position.quantity.minus(quantity);
  return fill;
}

type Executed = Pick<Execution, 'executionId' | 'filledAt' | 'quantity' | 'price' | 'commission' | 'fee'> &
  Recorded & {
    readonly side: 'buy' | 'sell';
  };

function positionFill({ side: held }: PositionRun, { intent }: Order, executed: Executed): PositionFill {
  const { executionId, filledAt, recordedAt, quantity, price, commission, fee, side } = executed;
  return {
    executionId,
    opens: (side === 'buy') === (held === 'long'),
    quantity,
    price,
    referencePrice: Decimal.parse(intent.referencePrice),
    fees: addCents(centsFromText(commission.shortText(2)), centsFromText(fee.shortText(2))),
    filledAt,
    recordedAt,
  };
}

/** An execution id is certain to be unique only within its order. */
function fillKey(clientOrderId: ClientOrderId, executionId: string): string {
  return `${clientOrderId}/${executionId}`;
}

/** Removes a reversed execution and returns it. */
function takeBack(position: PositionRun, key: string): PositionFill | undefined {
  const fill = position.fills.get(key) ?? position.reported.get(key);
  if (fill === undefined) return undefined;
  position.fills.delete(key);
  position.reported.delete(key);
  position.quantity = fill.opens ? position.quantity.minus(fill.quantity) : position.quantity.plus(fill.quantity);
  return fill;
}

export function reducePositionEvent(state: EngineState, event: RecordedEvent): void {
  switch (event.type) {
    case 'PositionOpened': {
      const position = state.positions.get(event.data.positionId);
      if (position === undefined) return;
      position.opened = true;
      position.lastEventId = event.id;
      return;
    }
    case 'PositionClosed': {
      const position = state.positions.get(event.data.positionId);
      if (position === undefined) return;
      for (const [id, fill] of position.fills) position.reported.set(id, fill);
      position.fills.clear();
      position.gross = NO_CENTS;
      position.fees = NO_CENTS;
      position.opened = false;
      position.stop = undefined;
      position.best = undefined;
      position.stopMovedAt = undefined;
      position.exitReason = undefined;
      position.lastEventId = event.id;
      return;
    }
    case 'TrailingStopMoved': {
      const position = state.positions.get(event.data.positionId);
      if (position === undefined) return;
      position.stop = Decimal.parse(event.data.stop);
      position.best = Decimal.parse(event.data.extreme);
      position.stopMovedAt = event.occurredAt;
      position.lastEventId = event.id;
      return;
    }
    case 'TradeBlocked':
      if (event.data.positionId !== null) {
        state.positions.get(event.data.positionId)?.exitBlocks.add(event.data.limit);
      }
      return;
    default:
  }
}
