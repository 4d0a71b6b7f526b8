/** The parts of event-schemas/outputs/daily-summary that the sheet shows. */
export interface DaySummary {
  readonly outcome: string;
  readonly total_trades: number;
  readonly win_rate: string | null;
  readonly fees: string;
  readonly trading_pnl: string;
  readonly net_income: string;
  readonly slippage: string;
  readonly float_at_start: string | null;
  readonly day_result: string | null;
  readonly equity_bridge: Readonly<Record<string, string | null>> | null;
  readonly strategies: Readonly<Record<string, StrategyDay>>;
  readonly orders: Readonly<Record<string, number>>;
  readonly risk_triggers: unknown;
  readonly errors: Readonly<Record<string, number>>;
  readonly open_positions: readonly unknown[];
  readonly reconciliation: { readonly ok: boolean; readonly mismatches: number } | null;
  readonly checks: Readonly<Record<string, boolean | null>>;
}

/** A strategy in the summary. */
export interface StrategyDay {
  readonly signals: number;
  readonly blocked: number;
  readonly trades: number;
  readonly gross_pnl: string;
  readonly fees: string;
  readonly PnL: string;
}

/** A count of a list or of an object of counts; null for what is neither. */
export function countIn(value: unknown): number | null {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null) return null;
  return Object.values(value).reduce((sum: number, one) => sum + (typeof one === 'number' ? one : 0), 0);
}
