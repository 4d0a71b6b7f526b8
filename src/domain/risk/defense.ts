import { Decimal } from '../../kernel/decimal.js';
import type { Settings } from '../config/settings.js';

/** The limits in force for an order: the settings, or the tighter ones of defense mode (TRD-42). */
export interface RiskLimits {
  readonly disableAllTrades: boolean;
  /** Maximum entries of one strategy in a session. */
  readonly maxTrades: number;
  /** Maximum open positions and entries in progress, all strategies. */
  readonly maxOpenPositions: number;
  /** Maximum share of the session-start float invested at one time. */
  readonly totalAllocation: Decimal;
  /** Share of the session cap for the first, second, ... entry of a strategy. */
  readonly weights: readonly Decimal[];
  /** Maximum loss of an entry at its initial stop, as a fraction of the session-start float. */
  readonly maxRiskPerTrade: Decimal;
  /** Fraction of the session-start float; a greater daily loss trips the kill switch. */
  readonly dailyLossLimit: Decimal;
  readonly minPrice: Decimal;
  readonly maxPrice: Decimal;
  /** Shares. */
  readonly minVolume: number;
  /** Ask minus bid as a fraction of the mid price. */
  readonly maxSpread: Decimal;
}

const HUNDRED = Decimal.of(100);

/** MAX_TRADES x DEFENSE_MODE_TRADE_LIMIT_PCT, rounded down, at least one. */
function defenseMaxTrades(maxTrades: number, tradeLimitPct: Decimal): number {
  const left = Decimal.of(maxTrades).times(tradeLimitPct).divide(HUNDRED, { scale: 0, round: 'down' });
  return Math.max(1, Number(left.units));
}

/** The limits in force. Defense mode only tightens: it takes the smaller of each pair. */
export function riskLimits(settings: Settings, defense: boolean): RiskLimits {
  const normal: RiskLimits = {
    disableAllTrades: settings.DISABLE_ALL_TRADES,
    maxTrades: settings.MAX_TRADES,
    maxOpenPositions: settings.MAX_OPEN_POSITIONS,
    totalAllocation: settings.TOTAL_ALLOCATION,
    weights: settings.WEIGHTS,
    maxRiskPerTrade: settings.MAX_RISK_PER_TRADE,
    dailyLossLimit: settings.DAILY_LOSS_LIMIT,
    minPrice: settings.MIN_PRICE,
    maxPrice: settings.MAX_PRICE,
    minVolume: settings.MIN_VOLUME_THRESHOLD,
    maxSpread: settings.MAX_SPREAD_PCT,
  };
  if (!defense) return normal;
  return {
    ...normal,
    maxTrades: Math.min(normal.maxTrades, defenseMaxTrades(settings.MAX_TRADES, settings.DEFENSE_MODE_TRADE_LIMIT_PCT)),
    totalAllocation: Decimal.min(settings.TOTAL_ALLOCATION, settings.DEFENSE_MODE_TOTAL_ALLOCATION),
  };
}
