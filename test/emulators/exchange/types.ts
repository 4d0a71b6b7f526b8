import type { Decimal } from '../../../src/kernel/decimal.js';
import type { EpochMs } from '../../../src/kernel/time.js';

export type Side = 'buy' | 'sell';

/**
 * `pending`: received, not at the exchange yet; `held`: a leg that waits for another order. Ended: filled, cancelled, rejected,
 * expired, replaced.
 */
export type OrderState =
  | 'pending'
  | 'held'
  | 'open'
  | 'partially_filled'
  | 'cancel_pending'
  | 'filled'
  | 'cancelled'
  | 'rejected'
  | 'expired'
  | 'replaced';

/** What a client asks for; words of one vendor (duration, class) stay in `extra`. */
export interface OrderAsk {
  /** As it was sent; empty for an order by hand. */
  readonly clientId: string;
  readonly symbol: string;
  readonly side: Side;
  /** Shares, or null with `notional` in dollars. */
  readonly quantity: Decimal | null;
  readonly notional: Decimal | null;
  readonly type: 'market' | 'limit' | 'stop' | 'stop_limit';
  readonly limitPrice: Decimal | null;
  readonly stopPrice: Decimal | null;
  /** As the vendor spells it. */
  readonly timeInForce: string;
  readonly extra?: Readonly<Record<string, string>>;
}

export interface EmulatedExecution {
  readonly id: string;
  readonly orderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Of the order, with this execution. */
  readonly cumulative: Decimal;
  readonly fee: Decimal;
  readonly at: EpochMs;
  state: 'valid' | 'busted' | 'corrected';
  /** The execution that it replaces. */
  readonly corrects: string | null;
}

export interface EmulatedOrder {
  /** Counts up from 1; the wire makes its own spelling of it. */
  readonly id: string;
  readonly ask: OrderAsk;
  readonly byHand: boolean;
  readonly createdAt: EpochMs;
  updatedAt: EpochMs;
  state: OrderState;
  /** Shares still wanted by the order as it is now. */
  quantity: Decimal | null;
  limitPrice: Decimal | null;
  stopPrice: Decimal | null;
  filled: Decimal;
  /** Sum of price x quantity of its valid executions. */
  cost: Decimal;
  /** Why it was rejected or cancelled. */
  reason: string;
  replaces: string | null;
  replacedBy: string | null;
  readonly executions: EmulatedExecution[];
}

export type ExchangeEventKind =
  | 'received'
  | 'open'
  | 'fill'
  | 'partial_fill'
  | 'cancel_pending'
  | 'cancelled'
  | 'rejected'
  | 'expired'
  | 'replaced'
  | 'cancel_refused'
  | 'bust'
  | 'correct';

export interface ExchangeEvent {
  readonly kind: ExchangeEventKind;
  readonly at: EpochMs;
  readonly order: EmulatedOrder;
  /** With fill, partial_fill, bust and correct. */
  readonly execution?: EmulatedExecution;
  /** Shares held after it, negative when short. */
  readonly position: Decimal;
}

/** A row of the account that is no order: money, fees, dividends, splits, renamed symbols. */
export interface CashRow {
  readonly id: string;
  readonly kind: 'deposit' | 'withdrawal' | 'dividend' | 'interest' | 'fee' | 'journal' | 'split' | 'name_change';
  readonly at: EpochMs;
  /** Signed dollars. */
  readonly amount: Decimal;
  readonly symbol: string | null;
  /** Shares gained or lost. */
  readonly quantity: Decimal | null;
  readonly description: string;
  /** As vendors spell a row that was taken back later. */
  state: 'executed' | 'correct' | 'canceled';
}

export interface EmulatedPosition {
  readonly symbol: string;
  readonly quantity: Decimal;
  /** Signed like the quantity. */
  readonly cost: Decimal;
}

/** The exchange refuses; the wire spells it in its own words. */
export class Refusal extends Error {
  constructor(
    readonly code:
      | 'unknown_symbol'
      | 'halted'
      | 'not_fractionable'
      | 'not_shortable'
      | 'buying_power'
      | 'quantity'
      | 'sub_penny'
      | 'duplicate_id'
      | 'unknown_order'
      | 'ended_order'
      | 'closed'
      | 'blocked',
    message: string,
    readonly order?: EmulatedOrder,
  ) {
    super(message);
  }
}

export interface EmulatedSymbol {
  readonly symbol: string;
  /** Price at the start; a market moves it. */
  readonly price: Decimal;
  readonly fractionable?: boolean;
  readonly shortable?: boolean;
  readonly tradable?: boolean;
  /** Shares that are only traded together. */
  readonly lot?: Decimal;
  readonly name?: string;
}
