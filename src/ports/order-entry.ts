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

/** What an order has traded in all, at a broker that reports no executions. */
export interface FilledSoFar {
  readonly quantity: Decimal;
  readonly averagePrice: Decimal;
}

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
  /**
   * Set when the execution is the growth of an order since it was last seen, which another process may have seen elsewhere: what the
   * books have of this broker order decides how much of it is new.
   */
  readonly soFar?: FilledSoFar;
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

/** An order that is open at the broker, placed by this bot, another program or a person. */
export interface OpenOrder {
  /** Null when its id is none that this program could have given: placed by hand, or by another program. */
  readonly clientOrderId: ClientOrderId | null;
  readonly brokerOrderId: string;
  /** As the broker writes it: it may be one that this program does not trade. */
  readonly symbol: string;
  readonly side: OrderSide;
  /** Shares; null for an order of dollars. */
  readonly quantity: Decimal | null;
  readonly filledQuantity: Decimal;
  /** `held`: waits for another order; `cancel_pending`: may still trade, and its quantity is still held. */
  readonly state: 'working' | 'held' | 'cancel_pending';
  /** Null when the broker does not say. */
  readonly placedAt: EpochMs | null;
}

/** How an open order is to change. */
export interface OrderChange {
  /** The id of the order from then on, at a broker that makes a new order of it. */
  readonly newClientOrderId: ClientOrderId;
  /** Shares that are to be open after the change. */
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | null;
  readonly stopPrice: Decimal | null;
}

/** A position that is closed together with others: by an order of the broker's own, which has no id of the bot. */
export interface ClosedPosition {
  /** The id under which the order of the broker is reported. */
  readonly clientOrderId: ClientOrderId;
  readonly symbol: TickerSymbol;
  readonly side: OrderSide;
  readonly quantity: Decimal;
  /** The close was asked for at or after this. */
  readonly since: EpochMs;
}

/** Calls that a broker still takes within its limit. */
export interface CallBudget {
  /** Calls that may leave at once. */
  readonly left: number;
  /** Of these, calls that are not reserved for closing and cancelling; absent where all are. */
  readonly spare?: number;
  /** When another one is free; the present when some are left. */
  readonly nextFreeAt: EpochMs;
}

/**
 * Orders in, executions out. `submit` and `cancel` throw NetworkError (callerMust `reconcile`) when the outcome is unknown:
 * then query `orderByClientId` before anything else.
 */
export interface OrderEntry {
  readonly orderUpdates$: Observable<BrokerUpdate>;
  /**
   * Resolves when the broker has accepted the order; updates arrive on orderUpdates$. Idempotent by client id: the same order
   * again resolves, another one under its id throws BrokerError `DUPLICATE_CLIENT_ORDER_ID` (refuse).
   */
  submit(order: OrderRequest): Promise<void>;
  cancel(clientOrderId: ClientOrderId): Promise<void>;
  orderByClientId(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined>;
  /**
   * The open orders of the account, also of those that other programs or persons placed. A list that was not read whole
   * throws: an order that is missing from it is not open.
   */
  openOrders(): Promise<readonly OpenOrder[]>;
  /** Asks in one call for the cancel of every open order of the account. Present with the capability `bulkCancel`. */
  cancelAll?(): Promise<void>;
  /**
   * Closes every position of the account in one call. Its orders are the broker's own; those that close what is given are reported
   * under its ids, as soon as they trade, whenever the call is answered. Present with the capability `closeAll`.
   */
  closeAll?(closed: readonly ClosedPosition[]): Promise<void>;
  /**
   * The order of the broker's own by which an earlier process closed a position together with others, from then on reported
   * under the given id; undefined when there is none. Present with the capability `closeAll`.
   */
  closingOrder?(closed: ClosedPosition): Promise<BrokerOrder | undefined>;
  /**
   * Changes an open order. A change without an answer throws NetworkError (callerMust `reconcile`) like a submit. Present
   * unless the capability `replace` is `none`.
   */
  replace?(clientOrderId: ClientOrderId, change: OrderChange): Promise<void>;
  /**
   * Whether an execution of the bot waits for its charge, which this broker reports in a message of its own: the fill is corrected when it
   * comes. Absent at a broker whose fills come with their charges.
   */
  awaitsCharges?(): boolean;
  /** Order calls that the limit of the broker still allows; absent without such a limit. */
  budget?(): CallBudget;
}
