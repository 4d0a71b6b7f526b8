import type { Observable } from 'rxjs';
import type { ClientOrderId, TickerSymbol } from '../events/names.js';
import type { Decimal } from '../kernel/decimal.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { DateText, EpochMs } from '../kernel/time.js';

export type OrderSide = 'buy' | 'sell';
export type PositionEffect = 'open_long' | 'close_long' | 'open_short' | 'close_short';

export interface OrderRequest {
  readonly clientOrderId: ClientOrderId;
  readonly symbol: TickerSymbol;
  readonly side: OrderSide;
  readonly positionEffect: PositionEffect;
  /** Exactly one of quantity (shares) and notional (dollars) is set. */
  readonly quantity: Decimal | null;
  readonly notional: Decimal | null;
  readonly orderType: 'market' | 'limit' | 'stop';
  readonly limitPrice: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly timeInForce: 'day' | 'ioc';
}

/** What the broker tells about an order, already normalized; `raw` digest keeps the evidence. */
export type BrokerUpdate = {
  readonly at: EpochMs;
  readonly clientOrderId: ClientOrderId;
  readonly brokerOrderId: string;
  readonly rawSha256: Sha256Hex;
} & (
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string }
  | BrokerFill
  | { readonly kind: 'cancelled'; readonly filledQuantity: Decimal; readonly reason: string }
  | { readonly kind: 'expired'; readonly filledQuantity: Decimal }
  | { readonly kind: 'busted'; readonly executionId: string; readonly reason: string }
  | (Omit<BrokerFill, 'kind'> & { readonly kind: 'corrected'; readonly correctsExecutionId: string })
);

/** One execution: its own quantity, never cumulative (F17). */
export interface BrokerFill {
  readonly kind: 'filled';
  readonly executionId: string;
  readonly symbol: TickerSymbol;
  readonly side: OrderSide;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly commission: Decimal;
  readonly fee: Decimal;
  readonly filledAt: EpochMs;
}

export type BrokerOrderStatus = 'accepted' | 'working' | 'filled' | 'cancelled' | 'rejected' | 'expired';

export interface BrokerOrder {
  readonly clientOrderId: ClientOrderId;
  readonly brokerOrderId: string;
  readonly status: BrokerOrderStatus;
  readonly filledQuantity: Decimal;
  /** Everything that the broker told, or would have told, about this order so far, in order. */
  readonly updates: readonly BrokerUpdate[];
}

export interface BrokerAccount {
  readonly accountId: string;
  readonly cash: Decimal;
  readonly buyingPower: Decimal;
  readonly equity: Decimal;
}

export interface BrokerPosition {
  readonly symbol: TickerSymbol;
  /** Negative is short. */
  readonly quantity: Decimal;
  readonly averagePrice: Decimal;
}

/** A cash movement or a fill in the broker's own records; fills carry their execution id. */
export type BrokerActivity =
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
      readonly symbol: TickerSymbol | null;
      /** The float adjustment that it settles, when the transfer carried its reference. */
      readonly reference: string | null;
      readonly description: string;
      readonly rawSha256: Sha256Hex;
    };

export interface BrokerAsset {
  readonly symbol: TickerSymbol;
  readonly tradable: boolean;
  readonly fractionable: boolean;
  readonly shortable: boolean;
  readonly minQuantity: Decimal;
}

export interface BrokerCapabilities {
  readonly fractional: boolean;
  readonly notional: boolean;
  readonly shortSell: boolean;
  readonly nativeTrailingStop: boolean;
  readonly options: boolean;
}

export type BrokerStatus = {
  readonly at: EpochMs;
  readonly state: 'connected' | 'disconnected';
  readonly reason: string;
};

/**
 * The broker (TRD-60). Adapters write no ledger and no file of ours. `submit` and `cancel` throw NetworkError
 * (callerMust `reconcile`) when the outcome is unknown: then `orderByClientId` is asked before anything else.
 */
export interface Broker {
  readonly code: string;
  readonly capabilities: BrokerCapabilities;
  readonly orderUpdates$: Observable<BrokerUpdate>;
  readonly status$: Observable<BrokerStatus>;
  connect(): Promise<void>;
  selfCheck(): Promise<
    readonly { readonly name: string; readonly ok: boolean; readonly cause: string; readonly remedy: string }[]
  >;
  account(): Promise<BrokerAccount>;
  positions(): Promise<readonly BrokerPosition[]>;
  openOrders(): Promise<readonly BrokerOrder[]>;
  /** Resolves when the broker has taken it in; what becomes of it comes on orderUpdates$. Idempotent by client id. */
  submit(order: OrderRequest): Promise<void>;
  cancel(clientOrderId: ClientOrderId): Promise<void>;
  cancelAll(): Promise<void>;
  closeAll(): Promise<void>;
  orderByClientId(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined>;
  /** A page of the account's records after `after` (an activity id), oldest first; `cash` leaves the fills out. */
  activities(after: string | null, limit: number, which?: 'all' | 'cash'): Promise<readonly BrokerActivity[]>;
  calendar(
    from: DateText,
    to: DateText,
  ): Promise<readonly { readonly date: DateText; readonly opensAt: EpochMs; readonly closesAt: EpochMs }[]>;
  clock(): Promise<EpochMs>;
  asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined>;
  lastPrice(symbol: TickerSymbol): Promise<Decimal | undefined>;
  disconnect(): Promise<void>;
}
