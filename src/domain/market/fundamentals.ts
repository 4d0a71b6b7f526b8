import type { Decimal } from '../../kernel/decimal.js';

/** Figures of a company before the session opens; undefined when no provider reports one. */
export interface Fundamentals {
  /** Price over the earnings of the last fiscal year; negative after a loss. */
  readonly pe: Decimal | undefined;
  /** Earnings of a share in the last fiscal year, in dollars. */
  readonly eps: Decimal | undefined;
  /** Debt over equity as a ratio; negative when the equity is. */
  readonly debtEquity: Decimal | undefined;
  /** Dollars. */
  readonly marketCap: Decimal | undefined;
}
