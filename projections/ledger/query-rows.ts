import type { AccountType } from '../../src/domain/accounting/coa.js';
import type { TransactionType } from '../../src/domain/accounting/types.js';
import type { TickerSymbol } from '../../src/events/names.js';

/** The sum of the legs on an account. */
export interface BalanceRow {
  readonly code: string;
  readonly net: bigint;
}

/** Sums over the groups of one type with cash inflow, or with cash outflow. */
export interface ChargeRow {
  readonly trntype: TransactionType;
  readonly commission: bigint;
  readonly fee: bigint;
  readonly net: bigint;
}

/** The latest row of an account. */
export interface AccountRow {
  readonly code: string;
  readonly name: string;
  readonly type: AccountType;
  readonly parent: string | null;
  readonly active: bigint;
}

/** Shares that a lot opened or a closure closed. */
export interface ShareRow {
  readonly symbol: TickerSymbol;
  readonly side: 'long' | 'short';
  readonly quantity: string;
  readonly opens: bigint;
}

/** Number and sum of all legs. */
export interface CountRow {
  readonly legs: bigint;
  readonly sum: bigint;
}
