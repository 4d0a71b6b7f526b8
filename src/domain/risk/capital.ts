import { Decimal } from '../../kernel/decimal.js';
import type { RiskLimits } from './defense.js';

/** Session-start float x TOTAL_ALLOCATION, in dollars, rounded down to the cent; zero for a negative float. */
export function sessionCap(floatAtStart: Decimal, limits: Pick<RiskLimits, 'totalAllocation'>): Decimal {
  return Decimal.max(Decimal.ZERO, floatAtStart.times(limits.totalAllocation)).rounded(2, 'down');
}

/** Share of the session cap for a strategy's next entry, in dollars; zero when it has no entry left. */
export function weightSlice(cap: Decimal, limits: Pick<RiskLimits, 'weights'>, entriesOfStrategy: number): Decimal {
  const weight = limits.weights[entriesOfStrategy] ?? Decimal.ZERO;
  return cap.times(weight).rounded(2, 'down');
}

/**
 * Budget of the next entry in dollars, zero or more: its slice, limited by the unused session cap (fills cost slightly
 * more than planned) and by the buying power.
 */
export function entryBudget(asked: {
  readonly floatAtStart: Decimal;
  readonly limits: Pick<RiskLimits, 'totalAllocation' | 'weights'>;
  readonly entriesOfStrategy: number;
  /** Cost of open positions and working entries. */
  readonly capitalAtWork: Decimal;
  readonly buyingPower: Decimal;
}): Decimal {
  const cap = sessionCap(asked.floatAtStart, asked.limits);
  const slice = weightSlice(cap, asked.limits, asked.entriesOfStrategy);
  const left = Decimal.min(cap.minus(asked.capitalAtWork), asked.buyingPower);
  return Decimal.max(Decimal.ZERO, Decimal.min(slice, left)).rounded(2, 'down');
}
