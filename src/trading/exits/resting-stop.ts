import { toTick } from '../../domain/market/tick.js';
import { isOption } from '../../domain/options/contract-name.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import { isRestingStop, type Order } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { closesPositions } from '../../domain/session/trading-permissions.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import type { Decimal } from '../../kernel/decimal.js';
import { MINUTE_MS, parseUtcText, plusMs, type EpochMs } from '../../kernel/time.js';
import type { Action, RecordAction, Rule } from '../action.js';
import type { TradingContext } from '../context.js';
import { recordOrderEvents } from '../orders/order-events.js';
import { intendOrder } from '../orders/order-intent.js';
import { allowsExit } from './exit-gate.js';

/** The stop of a position that rests at the broker, or is on its way there or back, and has not traded. */
export function restingStopOf(state: EngineState, position: PositionRun): Order | undefined {
  return position.orders
    .map((id) => state.liveOrders.get(id))
    .find((order) => order !== undefined && isRestingStop(order));
}

/** Asks for the cancel of a resting stop; undefined when it was asked for, or cannot be yet. */
export function cancelRestingStop(
  state: EngineState,
  order: Order,
  why: { readonly reason: string; readonly exitReason: PositionRun['exitReason'] | null },
): RecordAction | undefined {
  const command = { kind: 'requestCancel', reason: why.reason, exitReason: why.exitReason ?? null } as const;
  return recordOrderEvents(state, order, decideOrder(order, command));
}

/** Asks for the cancel of every resting stop, so that the positions can be closed; none when a cancel of each is requested. */
export function cancelRestingStops(state: EngineState, reason: string): readonly RecordAction[] {
  return [...state.liveOrders.values()]
    .filter(isRestingStop)
    .flatMap((order) => cancelRestingStop(state, order, { reason, exitReason: null }) ?? []);
}

/** Whether the last order of a position was a stop that made way for the exit: the exit does not wait for the next minute. */
export function stopMadeWay(state: EngineState, { orders }: PositionRun): boolean {
  const last = orders.at(-1);
  const order = last === undefined ? undefined : state.orders.get(last);
  return order?.stage === 'cancelled' && order.intent.orderType === 'stop';
}

/**
 * Keeps one stop order at the broker for each open position, at the stop that the journal has (TRD-44). One that differs is
 * cancelled first, and the next is intended when the broker has confirmed that: never are two live. A position whose stop the
 * broker refused has its stop here, by the same arithmetic; a few times the broker is asked again, since a halt or a refused key passes.
 */
export const restingStopRule: Rule = (state, context, now) => {
  if (context.restingStops === undefined || closesPositions(state)) return undefined;
  for (const position of state.positions.values()) {
    const action = keepStop(state, context, position, now);
    if (action !== undefined) return action;
  }
  return undefined;
};

function keepStop(
  state: EngineState,
  context: TradingContext,
  position: PositionRun,
  now: EpochMs,
): Action | undefined {
  const wanted = wantedStop(context, position, now);
  const resting = restingStopOf(state, position);
  if (resting !== undefined) {
    if (wanted !== undefined && isAt(resting, position.quantity, wanted)) return undefined;
    // one that rests further away protects too: a move leaves the calls that a kill needs
    if (wanted !== undefined && hasShares(resting, position.quantity) && !isSpare(context, CALLS_OF_A_MOVE))
      return undefined;
    return cancelRestingStop(state, resting, { reason: 'the stop moves', exitReason: null });
  }
  const isBusy = position.orders.some((id) => state.liveOrders.has(id));
  if (wanted === undefined || isBusy || isRefused(state, position, now) || !isSpare(context, 1)) return undefined;
  if (!allowsExit(state, context, position, now).allow) return undefined;
  return intendOrder(state, context, {
    strategy: position.strategy,
    symbol: position.symbol,
    positionSide: position.side,
    purpose: 'exit',
    quantity: position.quantity,
    stopPrice: wanted,
    referencePrice: wanted,
    signalId: position.signalId,
    positionId: position.positionId,
    poolRank: null,
    exitReason: 'stop_loss',
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}

/** The price of the stop that is to rest now, in dollars; undefined when none is. */
function wantedStop(context: TradingContext, position: PositionRun, now: EpochMs): Decimal | undefined {
  const { stop, opened, quantity, exitReason, side, sessionDate } = position;
  const decimals = context.restingStops?.quantityDecimals ?? 0;
  const window = context.windows.get(position.strategy);
  const isManaged = window !== undefined && sessionDate === context.date && now < window.endsAt;
  if (!opened || quantity.sign() <= 0 || exitReason !== undefined || !isManaged) return undefined;
  // a stop order of an option is set off by its last trade, which may be hours old: it is kept here, by the bids
  if (isOption(position.symbol)) return undefined;
  if (!quantity.rounded(decimals, 'floor').equals(quantity)) return undefined;
  // towards the price: a stop at the broker is never further away than the one here
  return stop === undefined ? undefined : toTick(stop, side === 'long' ? 'ceil' : 'floor');
}

/** The cancel, and the next stop. */
const CALLS_OF_A_MOVE = 2;

/** Whether so many order calls are free without those that are reserved for closing and cancelling. */
function isSpare({ restingStops }: TradingContext, calls: number): boolean {
  return restingStops?.spareCalls === undefined || restingStops.spareCalls() >= calls;
}

function hasShares({ intent }: Order, quantity: Decimal): boolean {
  return intent.quantity === quantity.shortText();
}

function isAt(resting: Order, quantity: Decimal, price: Decimal): boolean {
  return resting.intent.stopPrice === price.shortText(2) && hasShares(resting, quantity);
}

/** A stop that was refused, or that expired, is sent again after this time, until so many of the position were. */
const REFUSED_PAUSE_MS = 15 * MINUTE_MS;
const MOST_REFUSED = 3;

function isRefused(state: EngineState, { orders }: PositionRun, now: EpochMs): boolean {
  const refused = orders.flatMap((id) => {
    const order = state.orders.get(id);
    const isOver = order?.stage === 'rejected' || order?.stage === 'expired';
    return isOver && order.intent.orderType === 'stop' ? [order] : [];
  });
  const last = refused.at(-1);
  if (last === undefined) return false;
  if (refused.length >= MOST_REFUSED || last.intendedAt === null) return true;
  return now < plusMs(parseUtcText(last.intendedAt), REFUSED_PAUSE_MS);
}
