import { MINUTE_MS, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { STREAMS } from '../../events/streams.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import type { riskGate } from '../../domain/risk/gate.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { ClientOrderId } from '../../events/names.js';
import type { ExitReason } from '../../domain/orders/exit-reason.js';
import { heldSide, type PositionRun } from '../../domain/session/session-run.js';
import { record, type RecordAction } from '../action.js';
import { pacingTime, type TradingContext } from '../context.js';
import { recordOrderEvents } from '../orders/order-events.js';
import { intendOrder } from '../orders/order-intent.js';
import { costPrice } from '../../domain/session/position-cost.js';
import { markOf } from '../positions/mark.js';
import { allowsExit } from './exit-gate.js';
import { cancelRestingStop, restingStopOf } from './resting-stop.js';

/** Pause between two exit orders of a position: a refused one is repeated, but never at once. */
const PAUSE_MS = 30 * SECOND_MS;
/** After so many exit orders in a session the pauses are long; the bot never gives a position up. */
const MANY_EXIT_ORDERS = 25;
const LONG_PAUSE_MS = 5 * MINUTE_MS;

/** A position to be closed, and why. */
export interface ExitRequest {
  readonly position: PositionRun;
  readonly reason: ExitReason;
  readonly now: EpochMs;
  /** Ids of orders that are intended together with its exit. */
  readonly taken?: ReadonlySet<ClientOrderId>;
}

/**
 * Next step to close a position: cancel the rest of its entry and the stop that rests at the broker, then intend an exit for the held
 * shares, of either side. Undefined while an order of it is live, without shares, and in the pause after the last exit order.
 */
export function exitPosition(
  state: EngineState,
  context: TradingContext,
  request: ExitRequest,
): RecordAction | undefined {
  const { position, reason, now } = request;
  if (position.quantity.isZero()) return undefined;
  const entry = state.liveOrders.get(position.entryOrder);
  if (entry !== undefined) {
    return recordOrderEvents(
      state,
      entry,
      decideOrder(entry, { kind: 'requestCancel', reason: `the position is closed: ${reason}`, exitReason: reason }),
    );
  }
  const resting = restingStopOf(state, position);
  if (resting !== undefined) {
    return cancelRestingStop(state, resting, { reason: `the position is closed: ${reason}`, exitReason: reason });
  }
  if (position.orders.some((id) => state.liveOrders.has(id)) || isPause(context, request)) return undefined;
  const verdict = allowsExit(state, context, position, now);
  if (!verdict.allow) return blockedExit(context, position, verdict);
  return intendExit(state, context, request);
}

/** A kill does not wait for the pause after an exit of another reason. */
function isPause(context: TradingContext, { position, reason, now }: ExitRequest): boolean {
  const last = context.memory.exitIntendedAt.get(position.positionId);
  if (last === undefined || (reason === 'kill' && position.exitReason !== 'kill')) return false;
  const pauseMs = position.exitOrders < MANY_EXIT_ORDERS ? PAUSE_MS : LONG_PAUSE_MS;
  const passed = pacingTime(context, now) - last;
  return passed < pauseMs;
}

function blockedExit(
  context: TradingContext,
  position: PositionRun,
  verdict: Exclude<ReturnType<typeof riskGate>, { allow: true }>,
): RecordAction | undefined {
  if (position.exitBlocks.has(verdict.limit)) return undefined;
  return record(STREAMS.strategy(position.strategy, context.date), {
    type: 'TradeBlocked',
    data: {
      strategy: position.strategy,
      symbol: position.symbol,
      signalId: position.signalId,
      positionId: position.positionId,
      purpose: 'exit',
      limit: verdict.limit,
      figures: verdict.figures,
    },
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}

function intendExit(
  state: EngineState,
  context: TradingContext,
  { position, reason, taken }: ExitRequest,
): RecordAction {
  return intendOrder(state, context, {
    strategy: position.strategy,
    symbol: position.symbol,
    positionSide: heldSide(position),
    purpose: 'exit',
    quantity: position.quantity.abs(),
    referencePrice: markOf(context.market, position) ?? costPrice(position),
    signalId: position.signalId,
    positionId: position.positionId,
    poolRank: null,
    exitReason: reason,
    ...(taken === undefined ? {} : { taken }),
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}
