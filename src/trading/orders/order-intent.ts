import type { Decimal } from '../../kernel/decimal.js';
import type { Uuid } from '../../kernel/hash.js';
import type { EventData } from '../../events/event.js';
import { parseClientOrderId, type ClientOrderId, type StrategyName, type TickerSymbol } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { record, type Action } from '../action.js';
import type { TradingContext } from '../context.js';

/** The part of an order that entries and exits decide; the rest is the same for both. */
export interface OrderDecision {
  readonly strategy: StrategyName;
  readonly symbol: TickerSymbol;
  /** Side of the position that the order opens or closes. */
  readonly positionSide: 'long' | 'short';
  readonly purpose: 'entry' | 'exit';
  /** Shares. */
  readonly quantity: Decimal;
  /** Dollars; slippage is measured against it. */
  readonly referencePrice: Decimal;
  readonly signalId: string | null;
  readonly positionId: string;
  readonly poolRank: number | null;
  readonly exitReason: EventData<'OrderIntended'>['exitReason'];
  readonly correlationId: string;
  readonly causationId: Uuid | null;
}

/** Intends a market order for the day: the only place where an order begins. */
export function intendOrder(state: EngineState, context: TradingContext, order: OrderDecision): Action {
  const clientOrderId = clientOrderIdOf(state, context);
  const opens = order.purpose === 'entry';
  return record(STREAMS.order(clientOrderId), {
    type: 'OrderIntended',
    data: {
      clientOrderId,
      strategy: order.strategy,
      symbol: order.symbol,
      side: opens === (order.positionSide === 'long') ? 'buy' : 'sell',
      positionEffect: `${opens ? 'open' : 'close'}_${order.positionSide}`,
      purpose: order.purpose,
      quantity: order.quantity.shortText(),
      notional: null,
      orderType: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      referencePrice: order.referencePrice.shortText(2),
      signalId: order.signalId,
      positionId: order.positionId,
      poolRank: order.poolRank,
      exitReason: order.exitReason,
    },
    correlationId: order.correlationId,
    causationId: order.causationId,
  });
}

/**
 * `<bot>-<yyyymmdd>-<seq>` (TRD-50): the next number of the session, which only an OrderIntended increments. A number that
 * the day has already used is skipped: positions may be closed on a day whose session is over.
 */
function clientOrderIdOf(state: EngineState, context: TradingContext): ClientOrderId {
  for (let sequence = (state.session?.orderSeq ?? 0) + 1; ; sequence += 1) {
    const id = parseClientOrderId(`${context.identity}-${context.date.replaceAll('-', '')}-${sequence}`);
    if (state.revisionOf(STREAMS.order(id)) === undefined) return id;
  }
}
