import { sessionOrderId } from '../../domain/orders/client-order-ids.js';
import { heldSide, type PositionRun } from '../../domain/session/session-run.js';
import type { Draft } from '../../events/draft.js';
import type { Decimal, DecimalText } from '../../kernel/decimal.js';
import type { EpochMs } from '../../kernel/time.js';
import { costPrice } from '../../domain/session/position-cost.js';
import type { Uuid } from '../../kernel/hash.js';
import type { EventData } from '../../events/event.js';
import type { ClientOrderId, StrategyName, TickerSymbol } from '../../events/names.js';
import { STREAMS } from '../../events/streams.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { record, type RecordAction } from '../action.js';
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
  /** Dollars: a stop order that rests at the broker. */
  readonly stopPrice?: Decimal;
  /** Dollars: the most that an entry pays for a unit. Without both prices: a market order. */
  readonly limitPrice?: Decimal;
  /** Dollars; slippage is measured against it. */
  readonly referencePrice: Decimal;
  readonly signalId: string | null;
  readonly positionId: string;
  readonly poolRank: number | null;
  readonly exitReason: EventData<'OrderIntended'>['exitReason'];
  readonly correlationId: string;
  readonly causationId: Uuid | null;
  /** Ids of orders that are intended together with this one. */
  readonly taken?: ReadonlySet<ClientOrderId>;
}

/** Intends an order for the day, at the market, with a limit or as a resting stop: the only place where an order begins. */
export function intendOrder(state: EngineState, context: TradingContext, order: OrderDecision): RecordAction {
  const clientOrderId = clientOrderIdOf(state, context, order.taken);
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
      orderType: order.stopPrice !== undefined ? 'stop' : order.limitPrice !== undefined ? 'limit' : 'market',
      limitPrice: order.limitPrice?.shortText(2) ?? null,
      stopPrice: order.stopPrice?.shortText(2) ?? null,
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

/** An exit that a kill sent without a journal, as the side file has it. */
export interface ExitWithoutJournal {
  readonly clientOrderId: ClientOrderId;
  /** Shares. */
  readonly quantity: DecimalText;
  readonly sentAt: EpochMs;
  /** Dollars; of the entry order, when no fill is known. */
  readonly referencePrice: Decimal;
}

/** The intent of an exit that was sent without a journal; its id follows from the order, so that it is recorded once. */
export function intendedWithoutJournal(position: PositionRun, exit: ExitWithoutJournal): Draft<'OrderIntended'> {
  const { clientOrderId, quantity, sentAt } = exit;
  const side = heldSide(position);
  return {
    type: 'OrderIntended',
    occurredAt: sentAt,
    naturalKey: ['OrderIntended', 'break-glass', clientOrderId],
    data: {
      clientOrderId,
      strategy: position.strategy,
      symbol: position.symbol,
      side: side === 'long' ? 'sell' : 'buy',
      positionEffect: `close_${side}`,
      purpose: 'exit',
      quantity,
      notional: null,
      orderType: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      referencePrice: (position.fills.size > 0 ? costPrice(position) : exit.referencePrice).shortText(2),
      signalId: position.signalId,
      positionId: position.positionId,
      poolRank: null,
      exitReason: 'kill',
    },
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  };
}

/**
 * `<bot>-<yyyymmdd>-<seq>` (TRD-50): the next number of the session, which only an OrderIntended increments. A number that
 * the day has already used is skipped: positions may be closed on a day whose session is over.
 */
function clientOrderIdOf(
  state: EngineState,
  context: TradingContext,
  taken?: ReadonlySet<ClientOrderId>,
): ClientOrderId {
  for (let sequence = (state.session?.orderSeq ?? 0) + 1; ; sequence += 1) {
    const id = sessionOrderId(context.identity, context.date, sequence);
    if (state.revisionOf(STREAMS.order(id)) === undefined && taken?.has(id) !== true) return id;
  }
}
