import type { TickerSymbol } from '../events/names.js';
import type { Decimal } from '../kernel/decimal.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { EpochMs } from '../kernel/time.js';
import type { BrokerFill, BrokerUpdate } from './order-entry.js';

export interface BrokerAccount {
  readonly accountId: string;
  readonly cash: Decimal;
  readonly buyingPower: Decimal;
  readonly equity: Decimal;
  /** Whether it may sell short; left out where the broker does not say so. */
  readonly shortSales?: boolean;
}

export interface BrokerPosition {
  readonly symbol: TickerSymbol;
  /** Negative is short. */
  readonly quantity: Decimal;
  readonly averagePrice: Decimal;
}

/** Shares that the broker replaced by others of the same cost, without a trade: a split, or a change of symbol. */
export interface ShareConversionActivity {
  readonly kind: 'conversion';
  readonly activityId: string;
  readonly at: EpochMs;
  /** What left the account and what came to it, each with its sign: -100 AIG and 200 AIG; one move when only the change is known. */
  readonly moves: readonly { readonly symbol: TickerSymbol; readonly quantity: Decimal }[];
  readonly description: string;
  readonly rawSha256: Sha256Hex;
}

/** A movement of money in the records of the account that is no trade. */
export type CashActivity = Exclude<BrokerActivity, { readonly kind: 'fill' | 'conversion' }>;

/**
 * A movement of cash or shares, or a fill, in the broker's own records. Fills carry the execution id and the client order id that the reports
 * on their order have: a fill of which the broker does not name the order is left out, because it would be taken for a
 * fill of others.
 */
export type BrokerActivity =
  | ShareConversionActivity
  | {
      readonly kind: 'fill';
      readonly activityId: string;
      readonly at: EpochMs;
      readonly update: BrokerUpdate & BrokerFill;
    }
  | {
      readonly kind: 'deposit' | 'withdrawal' | 'dividend' | 'dividend_on_short' | 'interest' | 'fee';
      readonly activityId: string;
      readonly at: EpochMs;
      readonly amount: Decimal;
      /** Absent: dollars, the money of the books. They cannot take another one: it is kept for a person to book. */
      readonly currency?: string;
      readonly symbol: TickerSymbol | null;
      /** The float adjustment that it settles, when the transfer carried its reference. */
      readonly reference: string | null;
      readonly description: string;
      readonly rawSha256: Sha256Hex;
      /** The activity that it takes back: the same kind and amount the other way, in the same accounts. */
      readonly reverses?: string;
    };

/** Read-only queries of the broker account. */
export interface AccountQueries {
  account(): Promise<BrokerAccount>;
  positions(): Promise<readonly BrokerPosition[]>;
  /**
   * The position in one symbol, without a read of the others (TRD-64); undefined only when the broker itself said that it holds none.
   * A broker without such a query leaves it out: `sharesHeld` reads the list then. Throws as `positions`.
   */
  position?(symbol: TickerSymbol): Promise<BrokerPosition | undefined>;
  /** A page of the account's records after `after` (an activity id), oldest first; `cash` excludes fills, not conversions of shares. */
  activities(after: string | null, limit: number, which?: 'all' | 'cash'): Promise<readonly BrokerActivity[]>;
}
