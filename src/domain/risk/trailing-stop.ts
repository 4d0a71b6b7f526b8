import { Decimal } from '../../kernel/decimal.js';
import { invariant } from '../../kernel/errors.js';

export type PositionSide = 'long' | 'short';

/** No stop is nearer than this share of the best price. */
const FLOOR_FRACTION = Decimal.parse('0.0005');

export interface TrailingStopInput {
  readonly side: PositionSide;
  /** Dollars. */
  readonly entryPrice: Decimal;
  /** Best price seen since the entry (high for a long, low for a short), in dollars; before the first, the entry. */
  readonly bestPrice: Decimal;
  /** TRAIL_PCT_*: distance as a share of the best price. */
  readonly trailFraction: Decimal;
  /** Distance in dollars that the ATR asks for; undefined when the ATR takes no part. */
  readonly atrDistance: Decimal | undefined;
  /** Undefined before the first stop. */
  readonly previousStop: Decimal | undefined;
  readonly tightening: {
    /** Until the end of the strategy's window. */
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
  /** False when the stop stays where it was. */
  readonly moved: boolean;
}

/** Rule 612: cents from one dollar up, hundredths of a cent below. */
function tickScale(value: Decimal): number {
  return value.lt(Decimal.ONE) ? 4 : 2;
}

/** The price further in the position's favour: the higher of a long, the lower of a short. */
function better(side: PositionSide, a: Decimal, b: Decimal): Decimal {
  return side === 'long' ? Decimal.max(a, b) : Decimal.min(a, b);
}

/** To the tick on the market's side, yet at least one tick away from the best price. */
function placed(side: PositionSide, extreme: Decimal, distance: Decimal): Decimal {
  const scale = tickScale(extreme);
  const tick = Decimal.of(1, scale);
  if (side === 'long') {
    const nearest = extreme.minus(tick).rounded(scale, 'ceil');
    const wanted = extreme.minus(distance).rounded(scale, 'ceil');
    return Decimal.max(tick, Decimal.min(wanted, nearest));
  }
  const nearest = extreme.plus(tick).rounded(scale, 'floor');
  return Decimal.max(extreme.plus(distance).rounded(scale, 'floor'), nearest);
}

/**
 * Where the stop stands now (TRD-44). The distance is the smaller of percent and ATR (the higher stop of a long, the
 * lower of a short), cut by the factor in the last seconds of the window, never under 0.0005 of the best price. The
 * best price is clamped against the entry, so the first stop measures from the entry even after a bad fill. A stop
 * never moves against the position.
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

/** A long is stopped at or below its stop, a short at or above. */
export function isStopHit(side: PositionSide, stop: Decimal, price: Decimal): boolean {
  return side === 'long' ? price.lte(stop) : price.gte(stop);
}

/** Dollars that `quantity` shares lose between the entry and the stop; zero when the stop lies on the winning side. */
export function lossAtStop(side: PositionSide, quantity: Decimal, entryPrice: Decimal, stop: Decimal): Decimal {
  const perShare = side === 'long' ? entryPrice.minus(stop) : stop.minus(entryPrice);
  return Decimal.max(Decimal.ZERO, perShare).times(quantity);
}
