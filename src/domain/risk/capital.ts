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

/** Cost at which an entry loses MAX_RISK_PER_TRADE of the float at its stop; undefined when it loses nothing there. */
export function costAtMaxRisk(asked: {
  readonly floatAtStart: Decimal;
  readonly limits: Pick<RiskLimits, 'maxRiskPerTrade'>;
  readonly price: Decimal;
  readonly lossPerShare: Decimal;
}): Decimal | undefined {
  if (asked.lossPerShare.sign() <= 0) return undefined;
  const most = asked.floatAtStart.times(asked.limits.maxRiskPerTrade).times(asked.price);
  return Decimal.max(Decimal.ZERO, most.divide(asked.lossPerShare, { scale: 2, round: 'down' }));
}

/**
 * Budget of the next entry in dollars, zero or more: its slice, limited by the unused session cap (fills cost slightly
 * more than planned), by the risk at its stop and by the buying power. A limit makes an entry smaller.
 */
export function entryBudget(asked: {
  readonly floatAtStart: Decimal;
  readonly limits: Pick<RiskLimits, 'totalAllocation' | 'weights'>;
  readonly entriesOfStrategy: number;
  /** Cost of open positions and working entries. */
  readonly capitalAtWork: Decimal;
  readonly buyingPower: Decimal;
  /** By `costAtMaxRisk`; undefined without such a limit. */
  readonly costAtMaxRisk: Decimal | undefined;
}): Decimal {
  const cap = sessionCap(asked.floatAtStart, asked.limits);
  const slice = weightSlice(cap, asked.limits, asked.entriesOfStrategy);
  const left = Decimal.min(cap.minus(asked.capitalAtWork), asked.buyingPower);
  const budget = Decimal.min(slice, Decimal.min(left, asked.costAtMaxRisk ?? left));
  return Decimal.max(Decimal.ZERO, budget).rounded(2, 'down');
}
