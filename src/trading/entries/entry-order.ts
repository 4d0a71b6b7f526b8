import type { Decimal } from '../../kernel/decimal.js';
import { isOption } from '../../domain/options/contract-name.js';
import { decideOrder } from '../../domain/orders/decide-order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { Action } from '../action.js';
import type { TradingContext } from '../context.js';
import type { StrategyStep } from '../lifecycle/strategy-step.js';
import { recordOrderEvents } from '../orders/order-events.js';
import { intendOrder } from '../orders/order-intent.js';
import type { EntryCandidate, Traded } from './entry-candidate.js';

/**
 * Intends the order that opens the position of the candidate; the position has the id of its signal. An option is bought at the ask
 * that was seen, at most: quotes are minutes old, and far apart.
 */
export function intendEntry(
  state: EngineState,
  context: TradingContext,
  { step, candidate, traded, reported }: EntryCandidate & { readonly traded: Traded },
  size: { readonly quantity: Decimal; readonly price: Decimal },
): Action {
  const { signalId } = reported.data;
  return intendOrder(state, context, {
    strategy: step.strategy.name,
    symbol: traded.symbol,
    positionSide: traded.side,
    purpose: 'entry',
    quantity: size.quantity,
    referencePrice: size.price,
    ...(isOption(traded.symbol) ? { limitPrice: size.price } : {}),
    signalId,
    positionId: signalId,
    poolRank: candidate.rank,
    exitReason: null,
    correlationId: signalId,
    causationId: reported.eventId,
  });
}

/** Cancels the open entries of a strategy when its entry window closes. */
export function cancelLateEntries(state: EngineState, { strategy }: StrategyStep): Action | undefined {
  for (const order of state.liveOrders.values()) {
    if (order.intent.strategy !== strategy.name || order.intent.purpose !== 'entry') continue;
    const cancel = recordOrderEvents(
      state,
      order,
      decideOrder(order, { kind: 'requestCancel', reason: 'the entry window closed', exitReason: null }),
    );
    if (cancel !== undefined) return cancel;
  }
  return undefined;
}
