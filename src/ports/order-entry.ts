import type { Observable } from 'rxjs';
import type { ClientOrderId, TickerSymbol } from '../events/names.js';
import type { Decimal } from '../kernel/decimal.js';
import type { Sha256Hex } from '../kernel/hash.js';
import type { EpochMs } from '../kernel/time.js';

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

/** A normalized broker update of an order; the `raw` digest is the evidence. */
export type BrokerUpdate = {
  /** Broker's time of the report: the same however often it is delivered, later for each report that is new. */
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
  /** All updates of this order so far, in order, whether or not they were delivered. */
  readonly updates: readonly BrokerUpdate[];
}

/**
 * Orders in, executions out. `submit` and `cancel` throw NetworkError (callerMust `reconcile`) when the outcome is unknown:
 * then query `orderByClientId` before anything else.
 */
export interface OrderEntry {
  readonly orderUpdates$: Observable<BrokerUpdate>;
  /** Resolves when the broker has accepted the order; updates arrive on orderUpdates$. Idempotent by client id. */
  submit(order: OrderRequest): Promise<void>;
  cancel(clientOrderId: ClientOrderId): Promise<void>;
  orderByClientId(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined>;
  /** Ids of the open orders of the account, also of those that other programs or persons placed. */
  openOrders(): Promise<readonly ClientOrderId[]>;
}
