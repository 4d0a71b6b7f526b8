import type { EventData } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { NO_CENTS, roundToCents, type Cents } from '../../kernel/money.js';

/** The float (ACC-30): the capital that the bot may trade with. Only FloatAdjusted changes it. */
export interface FloatState {
  readonly float: Cents;
  /** Lowest equity of all snapshots since the last float change; null before the first. */
  readonly lowestEquity: Cents | null;
}

export const NO_FLOAT: FloatState = { float: NO_CENTS, lowestEquity: null };

/** Applies a float change, which resets the lowest equity. */
export function adjustFloat(state: FloatState, adjusted: EventData<'FloatAdjusted'>): FloatState {
  const amount = roundToCents(Decimal.parse(adjusted.amount));
  const float = (adjusted.direction === 'inject' ? state.float + amount : state.float - amount) as Cents;
  return { float, lowestEquity: null };
}

/** A drain point: a snapshot with the lowest equity since the last float change. */
export interface DrainPoint {
  readonly equity: Cents;
  /** Float less equity; negative while equity exceeds the float. */
  readonly drained: Cents;
}

export function seeEquity(
  state: FloatState,
  equity: Cents,
): { readonly state: FloatState; readonly drainPoint: DrainPoint | null } {
  if (state.lowestEquity !== null && equity >= state.lowestEquity) return { state, drainPoint: null };
  const drainPoint = { equity, drained: (state.float - equity) as Cents };
  return { state: { ...state, lowestEquity: equity }, drainPoint };
}

export interface FloatDeviation {
  /** (Equity less float) / float, six decimals, half-even; negative when equity is below the float. */
  readonly deviation: Decimal;
  /** Whether its absolute value exceeds the threshold (ACC-31): it is reported, and no money moves. */
  readonly beyond: boolean;
}

/** Deviation of equity from the float. `threshold` is a fraction, such as 0.1. A float of zero has no deviation. */
export function floatDeviation(float: Decimal, equity: Decimal, threshold: Decimal): FloatDeviation {
  if (float.isZero()) return { deviation: Decimal.ZERO, beyond: false };
  const deviation = equity.minus(float).divide(float, { scale: 6, round: 'halfEven' });
  return { deviation, beyond: deviation.abs().gt(threshold) };
}

/** Whether a deviation is news: of another float than the one reported last, or further from that one than the threshold. */
export function isNewDeviation(
  deviation: Decimal,
  reported: Pick<EventData<'FloatDeviationDetected'>, 'float' | 'deviation'> | undefined,
  { float, threshold }: { readonly float: Decimal; readonly threshold: Decimal },
): boolean {
  if (reported === undefined || !float.equals(Decimal.parse(reported.float))) return true;
  return deviation.minus(Decimal.parse(reported.deviation)).abs().gt(threshold);
}
