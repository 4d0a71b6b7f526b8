import type { Settings } from '../../domain/config/settings.js';
import type { TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { parseUtcText, type EpochMs } from '../../kernel/time.js';
import { STREAMS } from '../../events/streams.js';
import { firstWholeMinute } from '../../domain/market/since.js';
import { priceToDecimal } from '../../domain/market/types.js';
import type { SymbolView } from '../../domain/market/view.js';
import { isOption } from '../../domain/options/contract-name.js';
import { trailingStop, type TrailingStop } from '../../domain/risk/trailing-stop.js';
import type { PositionRun } from '../../domain/session/session-run.js';
import type { Strategy } from '../../strategies/strategy.js';
import { record, type Action } from '../action.js';
import type { TradingContext } from '../context.js';
import { averagePrice, entryFills, firstFillAt } from '../../domain/session/position-cost.js';

/** Average price of the entry in dollars and the time of its first fill. */
export function entryOf(position: PositionRun): { entryPrice: Decimal; entryAt: PositionRun['signalAt'] } {
  return { entryPrice: averagePrice(entryFills(position)), entryAt: firstFillAt(position) ?? position.signalAt };
}

interface StopView {
  readonly strategy: Pick<Strategy, 'trailFraction'>;
  readonly endsAt: EpochMs;
  readonly now: EpochMs;
  readonly view: SymbolView;
}

/** Distance of the stop of a symbol from its best price, as a fraction of that: an option moves many times as far as its share. */
export function trailOf(strategy: Pick<Strategy, 'trailFraction'>, settings: Settings, symbol: TickerSymbol): Decimal {
  return isOption(symbol) ? settings.OPTION_TRAILING_STOP_PCT : strategy.trailFraction(settings);
}

/** Computes the stop from the entry, the whole minutes since, the best price of the journal, and the last stop. */
export function currentStop(context: TradingContext, position: PositionRun, at: StopView): TrailingStop {
  const { entryPrice, entryAt } = entryOf(position);
  const range = at.view.range(firstWholeMinute(parseUtcText(entryAt)), at.now);
  const isLong = position.side === 'long';
  const seen = range === undefined ? entryPrice : priceToDecimal(isLong ? range.high : range.low);
  // the minutes before a restart, or of an earlier session, may be missing
  const known = position.best ?? seen;
  const best = isLong ? Decimal.max(seen, known) : Decimal.min(seen, known);
  return trailingStop({
    side: position.side,
    entryPrice,
    bestPrice: best,
    trailFraction: trailOf(at.strategy, context.settings, position.symbol),
    atrDistance: undefined,
    previousStop: position.stop,
    tightening: {
      secondsToEnd: Math.floor((at.endsAt - at.now) / 1_000),
      bufferSeconds: context.settings.TRAIL_TIGHTENING_BUFFER_S,
      factor: context.settings.TRAIL_TIGHTENING_FACTOR,
    },
  });
}

/** Records the new stop of a position. */
export function moveStop(position: PositionRun, stop: TrailingStop): Action {
  return record(STREAMS.position(position.symbol), {
    type: 'TrailingStopMoved',
    data: {
      positionId: position.positionId,
      strategy: position.strategy,
      symbol: position.symbol,
      side: position.side,
      stop: stop.stop.shortText(2),
      previousStop: position.stop?.shortText(2) ?? null,
      extreme: stop.extreme.shortText(2),
      basis: stop.basis,
    },
    correlationId: position.correlationId,
    causationId: position.lastEventId,
  });
}
