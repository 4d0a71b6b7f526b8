import { Decimal } from '../../kernel/decimal.js';
import { addCents, moneyText, roundToCents, subtractCents, type Cents } from '../../kernel/money.js';
import type { EventData } from '../../events/event.js';
import { averagePrice, entryFills } from '../../domain/session/position-cost.js';
import type { PositionFill, PositionRun } from '../../domain/session/session-run.js';

/** Result of a round trip to the cent, as in the books: gains from the lots, fees from the executions. */
export function closedPosition(position: PositionRun): EventData<'PositionClosed'> {
  const fills = inTime(position.fills.values());
  const entries = inTime(entryFills(position));
  const exits = fills.filter((fill) => !fill.opens);
  const { gross, fees } = position;
  return {
    positionId: position.positionId,
    strategy: position.strategy,
    symbol: position.symbol,
    side: position.side,
    quantity: Decimal.sum(exits.map((fill) => fill.quantity)).shortText(),
    entryPrice: averagePrice(entries.length > 0 ? entries : exits).shortText(2),
    exitPrice: averagePrice(exits.length > 0 ? exits : entries).shortText(2),
    entryAt: entries[0]?.filledAt ?? position.signalAt,
    exitAt: (exits.at(-1) ?? fills.at(-1))?.filledAt ?? position.signalAt,
    signalAt: position.signalAt,
    grossPnl: moneyText(gross),
    fees: moneyText(fees),
    netPnl: moneyText(subtractCents(gross, fees)),
    slippage: moneyText(addCents(...fills.map((fill) => slippageOf(fill, position.side)))),
    exitReason: position.exitReason ?? 'manual',
  };
}

function inTime(fills: Iterable<PositionFill>): readonly PositionFill[] {
  return [...fills].sort((a, b) => (a.filledAt < b.filledAt ? -1 : a.filledAt > b.filledAt ? 1 : 0));
}

/** Cost of a fill relative to the reference price of its order; positive is worse. */
function slippageOf(fill: PositionFill, side: PositionRun['side']): Cents {
  const buys = fill.opens === (side === 'long');
  const difference = buys ? fill.price.minus(fill.referencePrice) : fill.referencePrice.minus(fill.price);
  return roundToCents(difference.times(fill.quantity));
}
