import type { EventType, RecordedEvent } from '../../events/event.js';
import type { Figures, StrategyName, TickerSymbol } from '../../events/names.js';
import type { DecisionStage, DecisionStep } from './decision.js';

/** The event types that a decision record is made from. */
export const DECISION_TYPES = [
  'SessionOpened',
  'SessionClosed',
  'StrategySkipped',
  'StrategyStarted',
  'StrategyFailed',
  'StrategyEnded',
  'CandidatesRanked',
  'SignalTriggered',
  'EnhancementBlocked',
  'FilterUndecided',
  'CandidateRejected',
  'TradeBlocked',
  'OrderIntended',
  'OrderRejected',
  'OrderCancelled',
  'OrderExpired',
  'OrderUnresolved',
  'PositionOpened',
  'PositionClosed',
] as const satisfies readonly EventType[];

/** A step of one symbol in one strategy. */
export interface SymbolStep {
  readonly strategy: StrategyName;
  readonly symbol: TickerSymbol;
  readonly step: DecisionStep;
}

/** The step that an event is for the strategy or symbol that it names. */
export function stepOf(event: RecordedEvent, stage: DecisionStage, code: string, figures: Figures): DecisionStep {
  return { stage, code, figures, at: event.occurredAt, eventId: event.id, position: event.position };
}

/** A step that follows from the session without an event. */
export function impliedStep(stage: DecisionStage, code: string, figures: Figures): DecisionStep {
  return { stage, code, figures, at: null, eventId: null, position: null };
}

/** The step of an event about one symbol; undefined for all others, and for orders, which name no symbol. */
export function symbolStepOf(event: RecordedEvent): SymbolStep | undefined {
  switch (event.type) {
    case 'SignalTriggered': {
      const { strategy, symbol, rule, side, price, figures } = event.data;
      return { strategy, symbol, step: stepOf(event, 'signal', rule, { side, price, ...figures }) };
    }
    case 'FilterUndecided':
    case 'EnhancementBlocked': {
      const { strategy, symbol, filter, code, figures } = event.data;
      return { strategy, symbol, step: stepOf(event, 'filter', code, { filter, ...figures }) };
    }
    case 'CandidateRejected': {
      const { strategy, symbol, signalId, code, figures } = event.data;
      return { strategy, symbol, step: stepOf(event, signalId === null ? 'signal' : 'entry', code, figures) };
    }
    case 'TradeBlocked': {
      const { strategy, symbol, purpose, limit, figures } = event.data;
      return purpose === 'exit' ? undefined : { strategy, symbol, step: stepOf(event, 'gate', limit, figures) };
    }
    case 'OrderIntended':
      return entryStep(event);
    case 'PositionOpened': {
      const { strategy, symbol, positionId, side, quantity, price } = event.data;
      return { strategy, symbol, step: stepOf(event, 'position', 'OPENED', { positionId, side, quantity, price }) };
    }
    case 'PositionClosed': {
      const { strategy, symbol, positionId, exitReason, exitPrice, netPnl } = event.data;
      const figures = { positionId, exitReason, exitPrice, netPnl };
      return { strategy, symbol, step: stepOf(event, 'position', 'CLOSED', figures) };
    }
    default:
      return undefined;
  }
}

function entryStep(event: RecordedEvent<'OrderIntended'>): SymbolStep | undefined {
  const { strategy, symbol, purpose, clientOrderId, side, quantity, notional, referencePrice } = event.data;
  if (purpose !== 'entry') return undefined;
  const size: Figures = quantity === null ? { notional: notional ?? '' } : { quantity };
  const figures = { clientOrderId, side, ...size, referencePrice };
  return { strategy, symbol, step: stepOf(event, 'order', 'INTENDED', figures) };
}

/** How an order ended or what is unclear about it, and whose it is; undefined for other events. */
export function orderStepOf(
  event: RecordedEvent,
): { readonly clientOrderId: string; readonly step: DecisionStep } | undefined {
  switch (event.type) {
    case 'OrderRejected': {
      const { clientOrderId, code, message } = event.data;
      return { clientOrderId, step: stepOf(event, 'order', 'REJECTED', { clientOrderId, code, message }) };
    }
    case 'OrderCancelled': {
      const { clientOrderId, filledQuantity, reason } = event.data;
      return { clientOrderId, step: stepOf(event, 'order', 'CANCELLED', { clientOrderId, filledQuantity, reason }) };
    }
    case 'OrderExpired': {
      const { clientOrderId, filledQuantity } = event.data;
      return { clientOrderId, step: stepOf(event, 'order', 'EXPIRED', { clientOrderId, filledQuantity }) };
    }
    case 'OrderUnresolved': {
      const { clientOrderId, code, message } = event.data;
      return { clientOrderId, step: stepOf(event, 'order', 'UNRESOLVED', { clientOrderId, code, message }) };
    }
    default:
      return undefined;
  }
}
