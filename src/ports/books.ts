import type { TickerSymbol } from '../events/names.js';
import type { Decimal } from '../kernel/decimal.js';

/** Read-only access of the engine to the ledger, only after the projections have caught up. */
export interface Books {
  /** Balance of broker cash. */
  cash(): Decimal;
  /** Shares by symbol, negative is short; symbols that net to zero are excluded. */
  positions(): ReadonlyMap<TickerSymbol, Decimal>;
  /** True when debits equal credits in every group and in total. */
  isBalanced(): boolean;
  close(): void;
}
