import { Decimal } from '../../kernel/decimal.js';
import { centsToDecimal } from '../../kernel/money.js';
import type { StrategyName, TickerSymbol } from '../../events/names.js';
import { bookCash } from '../../domain/accounting/book.js';
import { underlyingOf } from '../../domain/options/contract-name.js';
import { openQuantity, type Order } from '../../domain/orders/order.js';
import { riskLimits, type RiskLimits } from '../../domain/risk/defense.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { dayCost, signedShares } from '../../domain/session/day-result.js';
import { costPrice } from '../../domain/session/position-cost.js';
import type { PositionRun, SessionRun } from '../../domain/session/session-run.js';
import type { TradingContext } from '../context.js';
import { markOf } from '../positions/mark.js';

/** Exposure of the account for the gate and the kill switch, in dollars. */
export interface Exposure {
  readonly openPositions: number;
  readonly capitalAtWork: Decimal;
  /** The shares of these positions: of an option, those that it is about. */
  readonly symbolsAtWork: ReadonlySet<TickerSymbol>;
  readonly buyingPower: Decimal;
}

function entryCost(order: Order): Decimal {
  return openQuantity(order).times(Decimal.parse(order.intent.referencePrice));
}

/** Cost of the held shares at the average price of the fills that brought them. */
function positionCost(position: PositionRun): Decimal {
  return position.quantity.abs().times(costPrice(position));
}

export function exposureOf(state: EngineState): Exposure {
  let capitalAtWork = Decimal.ZERO;
  let working = Decimal.ZERO;
  let openPositions = 0;
  const symbolsAtWork = new Set<TickerSymbol>();
  for (const position of state.positions.values()) {
    const entry = state.liveOrders.get(position.entryOrder);
    if (position.quantity.isZero() && entry === undefined) continue;
    openPositions += 1;
    symbolsAtWork.add(underlyingOf(position.symbol));
    const pending = entry === undefined ? Decimal.ZERO : entryCost(entry);
    working = working.plus(pending);
    capitalAtWork = capitalAtWork.plus(positionCost(position)).plus(pending);
  }
  const buyingPower = Decimal.max(centsToDecimal(bookCash(state.book)).minus(working), Decimal.ZERO);
  return { openPositions, capitalAtWork, symbolsAtWork, buyingPower };
}

export function limitsOf(state: EngineState, context: TradingContext): RiskLimits {
  return riskLimits(context.settings, state.defense !== undefined);
}

/** Number of entries of a strategy for MAX_TRADES: all except those rejected without a fill. */
export function entriesOf(state: EngineState, strategy: StrategyName, date: string): number {
  let entries = 0;
  for (const position of state.positions.values()) {
    if (position.strategy !== strategy || position.sessionDate !== date) continue;
    const order = state.orders.get(position.entryOrder);
    if (order === undefined || (order.stage === 'rejected' && order.filled.isZero())) continue;
    entries += 1;
  }
  return entries;
}

/**
 * Gain or loss of all open positions at their marks, against what they cost the day; a symbol without a price counts at
 * that cost.
 */
export function unrealizedOfDay(state: EngineState, session: SessionRun, context: TradingContext): Decimal {
  let total = Decimal.ZERO;
  for (const position of state.positions.values()) {
    if (position.quantity.isZero()) continue;
    const mark = markOf(context.market, position);
    if (mark === undefined) continue;
    const value = signedShares(position).times(mark);
    total = total.plus(value.minus(dayCost(session, position)));
  }
  return total;
}
