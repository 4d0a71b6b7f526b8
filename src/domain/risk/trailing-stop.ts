import { Decimal } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';
import { tickFrom, toTick } from '../market/tick.js';

export type PositionSide = 'long' | 'short';

/** Minimum distance of a stop as a fraction of the best price. */
const FLOOR_FRACTION = Decimal.parse('0.0005');

export interface TrailingStopInput {
  readonly side: PositionSide;
  /** Dollars. */
  readonly entryPrice: Decimal;
  /** Best price seen since the entry (high for a long, low for a short), in dollars; before the first, the entry. */
  readonly bestPrice: Decimal;
  /** TRAIL_PCT_*: distance as a fraction of the best price. */
  readonly trailFraction: Decimal;
  /** Distance in dollars by the ATR; undefined when the ATR is not used. */
  readonly atrDistance: Decimal | undefined;
  /** Undefined before the first stop. */
  readonly previousStop: Decimal | undefined;
  readonly tightening: {
    /** Seconds until the end of the strategy's window. */
    readonly secondsToEnd: number;
    /** TRAIL_TIGHTENING_BUFFER_S. */
    readonly bufferSeconds: number;
    /** TRAIL_TIGHTENING_FACTOR. */
    readonly factor: Decimal;
  };
}

export interface TrailingStop {
  readonly stop: Decimal;
  /** Best price, never worse than the entry. */
  readonly extreme: Decimal;
  readonly basis: 'percent' | 'atr' | 'tightened';
  /** Whether the stop changed. */
  readonly moved: boolean;
}

/** The more favourable price: the higher one for a long, the lower one for a short. */
function better(side: PositionSide, a: Decimal, b: Decimal): Decimal {
  return side === 'long' ? Decimal.max(a, b) : Decimal.min(a, b);
}

/** Lowest price of a stop, in dollars. */
const LOWEST = Decimal.of(1, 4);

/** A valid price, rounded towards the market price, at least one tick from the best price. */
function placed(side: PositionSide, extreme: Decimal, distance: Decimal): Decimal {
  if (side === 'long') {
    const nearest = toTick(extreme.minus(tickFrom(extreme, 'down')), 'ceil');
    return Decimal.max(LOWEST, Decimal.min(toTick(extreme.minus(distance), 'ceil'), nearest));
  }
  const nearest = toTick(extreme.plus(tickFrom(extreme, 'up')), 'floor');
  return Decimal.max(toTick(extreme.plus(distance), 'floor'), nearest);
}

/**
 * Computes the stop (TRD-44). The distance is the smaller of percentage and ATR, multiplied by the factor in the last
 * seconds of the window, at least 0.0005 of the best price. The best price is clamped against the entry, so the initial
 * stop is measured from the entry even after a bad fill. A stop never moves against the position.
 */
export function trailingStop(input: TrailingStopInput): TrailingStop {
  const { side, entryPrice, bestPrice, previousStop, tightening } = input;
  invariant(entryPrice.sign() > 0 && bestPrice.sign() > 0, 'BAD_STOP_INPUT', 'a trailing stop needs prices above zero');
  const extreme = better(side, entryPrice, bestPrice);
  const byPercent = extreme.times(input.trailFraction);
  const byAtr = input.atrDistance ?? byPercent;
  const atrIsNearer = byAtr.lt(byPercent);
  const untightened = atrIsNearer ? byAtr : byPercent;
  const tightened = tightening.secondsToEnd <= tightening.bufferSeconds && tightening.factor.lt(Decimal.ONE);
  const wanted = tightened ? untightened.times(tightening.factor) : untightened;
  const distance = Decimal.max(wanted, extreme.times(FLOOR_FRACTION));
  const candidate = placed(side, extreme, distance);
  const stop = previousStop === undefined ? candidate : better(side, previousStop, candidate);
  const basis = tightened ? 'tightened' : atrIsNearer ? 'atr' : 'percent';
  return { stop, extreme, basis, moved: previousStop === undefined || !stop.equals(previousStop) };
}

/** Whether the price hits the stop: at or below it for a long, at or above it for a short. */
export function isStopHit(side: PositionSide, stop: Decimal, price: Decimal): boolean {
  return side === 'long' ? price.lte(stop) : price.gte(stop);
}

/** Loss in dollars of `quantity` shares between entry and stop; zero when the stop is on the profit side. */
export function lossAtStop(side: PositionSide, quantity: Decimal, entryPrice: Decimal, stop: Decimal): Decimal {
  const perShare = side === 'long' ? entryPrice.minus(stop) : stop.minus(entryPrice);
  return Decimal.max(Decimal.ZERO, perShare).times(quantity);
}
