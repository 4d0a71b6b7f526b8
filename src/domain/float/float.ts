import type { EventData } from '../../events/event.js';
import { Decimal } from '../../kernel/decimal.js';
import { NO_CENTS, roundToCents, type Cents } from '../../kernel/money.js';

/** The float (ACC-30): the capital that the bot may trade with. FloatAdjusted is the only way it changes. */
export interface FloatState {
  readonly float: Cents;
  /** Lowest equity that a snapshot showed since the float last changed; null before the first. */
  readonly lowestEquity: Cents | null;
}

export const NO_FLOAT: FloatState = { float: NO_CENTS, lowestEquity: null };

/** A new capital base begins a new search for the lowest equity. */
export function adjustFloat(state: FloatState, adjusted: EventData<'FloatAdjusted'>): FloatState {
  const amount = roundToCents(Decimal.parse(adjusted.amount));
  const float = (adjusted.direction === 'inject' ? state.float + amount : state.float - amount) as Cents;
  return { float, lowestEquity: null };
}

/** A drain point is a snapshot with less equity than any since the float last changed: how far the bot was drained. */
export interface DrainPoint {
  readonly equity: Cents;
  /** Float less equity; below zero while the bot is ahead. */
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
  /** (Equity less float) / float, six decimals, half-even; below zero when equity is missing. */
  readonly deviation: Decimal;
  /** True when its size is above the threshold (ACC-31): a person is told, no money moves. */
  readonly beyond: boolean;
}

/** `threshold` is a share, such as 0.1. A float of zero deviates by nothing: there is no capital to measure against. */
export function floatDeviation(float: Decimal, equity: Decimal, threshold: Decimal): FloatDeviation {
  if (float.isZero()) return { deviation: Decimal.ZERO, beyond: false };
  const deviation = equity.minus(float).divide(float, { scale: 6, round: 'halfEven' });
  return { deviation, beyond: deviation.abs().gt(threshold) };
}
