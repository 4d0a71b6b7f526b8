import type { Decimal } from '../../kernel/decimal.js';
import { parseUtcText } from '../../kernel/time.js';
import type { TickerSymbol } from '../../events/names.js';
import { extremesAfter } from '../../domain/market/since.js';
import { priceToDecimal } from '../../domain/market/types.js';
import type { MarketView } from '../../domain/market/view.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { lastHoldingFill } from '../../domain/session/position-cost.js';
import type { PositionRun } from '../../domain/session/session-run.js';

/**
 * The price in dollars at which a position is valued: the last price of its symbol, but that of its last fill until one
 * from after the fill is known. Undefined without a price in this session.
 */
export function markOf(market: MarketView, position: PositionRun): Decimal | undefined {
  return markOfAll(market, position.symbol, [position]);
}

/** The price in dollars at which a symbol is valued in the account, by all positions in it. */
export function symbolMark(state: EngineState, market: MarketView, symbol: TickerSymbol): Decimal | undefined {
  const held = [...state.positions.values()].filter((each) => each.symbol === symbol && !each.quantity.isZero());
  return markOfAll(market, symbol, held);
}

function markOfAll(market: MarketView, symbol: TickerSymbol, positions: readonly PositionRun[]): Decimal | undefined {
  const bar = market.knows(symbol) ? market.of(symbol).lastBar : undefined;
  if (bar === undefined) return undefined;
  const fills = positions.flatMap((position) => lastHoldingFill(position) ?? []);
  const last = fills.reduce<(typeof fills)[number] | undefined>(
    (latest, fill) => (latest === undefined || fill.at >= latest.at ? fill : latest),
    undefined,
  );
  const isBefore = last !== undefined && extremesAfter(bar, parseUtcText(last.at)) === undefined;
  return isBefore ? last.price : priceToDecimal(bar.close);
}
