import { STREAMS } from '../../events/streams.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import { record, type Action, type Rule } from '../action.js';
import { averagePrice, entryFills } from '../../domain/session/position-cost.js';
import { closedPosition } from './round-trip.js';

/**
 * Reports the begin and the end of a position as its fills make them. A late fill or a busted exit after the end opens it
 * again (F5); a correction after the end is reported as a second end with the difference, so the sums match the books.
 */
export const positionBookkeeping: Rule = (state) => {
  for (const position of state.positions.values()) {
    const action = opening(position) ?? closing(state, position);
    if (action !== undefined) return action;
  }
  return undefined;
};

function opening(position: PositionRun): Action | undefined {
  if (position.opened || position.quantity.sign() <= 0) return undefined;
  const entries = entryFills(position);
  if (entries.length === 0) return undefined;
  const first = [...position.fills.values()].find((fill) => fill.opens);
  return record(STREAMS.position(position.symbol), {
    type: 'PositionOpened',
    data: {
      positionId: position.positionId,
      strategy: position.strategy,
      symbol: position.symbol,
      side: position.side,
      quantity: (first?.quantity ?? position.quantity).shortText(),
      price: (first?.price ?? averagePrice(entries)).shortText(2),
      clientOrderId: position.entryOrder,
      signalId: position.signalId,
    },
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}

function closing(state: EngineState, position: PositionRun): Action | undefined {
  const unreported = position.opened || position.fills.size > 0 || position.gross !== 0n || position.fees !== 0n;
  if (!unreported || !position.quantity.isZero()) return undefined;
  if (position.orders.some((id) => state.liveOrders.has(id))) return undefined;
  return record(STREAMS.position(position.symbol), {
    type: 'PositionClosed',
    data: closedPosition(position),
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}
