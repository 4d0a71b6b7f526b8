import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import { plusMs, type DateText, type EpochMs, type UtcText, parseUtcText } from '../../kernel/time.js';
import type { OrderRequest, OrderSide } from '../../ports/order-entry.js';

/** Milliseconds after the open of every session, or one instant. */
export type SimInstant = number | UtcText;

/** Every given part must match; an empty match selects every order. */
export interface FaultMatch {
  readonly clientOrderId?: ClientOrderId;
  /** 1 is the first order that is submitted in the session. */
  readonly nth?: number;
  readonly symbol?: TickerSymbol;
  readonly purpose?: 'entry' | 'exit';
  readonly date?: DateText;
}

/** The fault of an order. README.md says which failure (F1..F18) each one plays. */
export type OrderFaultKind =
  | { readonly kind: 'submit_timeout_accepted' }
  | { readonly kind: 'submit_timeout_lost' }
  | { readonly kind: 'drop_ack' }
  | { readonly kind: 'fill_before_ack' }
  /** Executions count from 1; without `execution` every one is affected. */
  | { readonly kind: 'drop_fill'; readonly execution?: number }
  | { readonly kind: 'duplicate_fill'; readonly times: number }
  | { readonly kind: 'fill_after_cancel'; readonly afterMs: number }
  | { readonly kind: 'overfill'; readonly quantity: Decimal }
  | { readonly kind: 'bust'; readonly afterMs: number; readonly execution?: number }
  /** Busts an execution and books it again under its id, without a commission. */
  | { readonly kind: 'rebook'; readonly afterMs: number; readonly execution?: number }
  | { readonly kind: 'correct'; readonly afterMs: number; readonly priceChange: Decimal; readonly execution?: number }
  | { readonly kind: 'slow_ack'; readonly ms: number }
  | { readonly kind: 'reject'; readonly code: string; readonly message: string };

export type OrderFault = OrderFaultKind & {
  readonly match: FaultMatch;
  /** Maximum number of affected orders per session; 1 when not given. */
  readonly times?: number;
};

/** A fault of the account or the connection, independent of orders. */
export type AccountFault =
  | {
      readonly kind: 'disconnect';
      readonly from: SimInstant;
      readonly to: SimInstant;
      /** What else fails besides the stream: `orders` (default) submit and cancel, `everything`, or `nothing`. */
      readonly refuses?: 'orders' | 'everything' | 'nothing';
    }
  | {
      readonly kind: 'manual_close';
      readonly at: SimInstant;
      readonly symbol: TickerSymbol;
      readonly reported?: boolean;
    }
  | {
      readonly kind: 'outside_order';
      readonly at: SimInstant;
      readonly symbol: TickerSymbol;
      readonly side: OrderSide;
      readonly quantity: Decimal;
      /** A resting limit order when given, else a market order. */
      readonly limitPrice?: Decimal;
      readonly reported?: boolean;
    };

export type SimFault = OrderFault | AccountFault;

export function isAccountFault(fault: SimFault): fault is AccountFault {
  return fault.kind === 'disconnect' || fault.kind === 'manual_close' || fault.kind === 'outside_order';
}

export function instantOf(instant: SimInstant, opensAt: EpochMs): EpochMs {
  return typeof instant === 'number' ? plusMs(opensAt, instant) : parseUtcText(instant);
}

/** Assigns order faults; counts restart with every session, so a resumed session gets the same ones. */
export class FaultBook {
  private readonly spent = new Map<OrderFault, number>();
  private submitted = 0;

  constructor(private readonly faults: readonly OrderFault[]) {}

  begin(): void {
    this.spent.clear();
    this.submitted = 0;
  }

  /** Called once for every submit that reaches the broker, in order. */
  draw(request: OrderRequest, date: DateText): readonly OrderFault[] {
    this.submitted += 1;
    const hits = this.faults.filter((fault) => {
      const { match } = fault;
      const purpose = request.positionEffect.startsWith('open') ? 'entry' : 'exit';
      return (
        (this.spent.get(fault) ?? 0) < (fault.times ?? 1) &&
        (match.clientOrderId === undefined || match.clientOrderId === request.clientOrderId) &&
        (match.nth === undefined || match.nth === this.submitted) &&
        (match.symbol === undefined || match.symbol === request.symbol) &&
        (match.purpose === undefined || match.purpose === purpose) &&
        (match.date === undefined || match.date === date)
      );
    });
    for (const fault of hits) this.spent.set(fault, (this.spent.get(fault) ?? 0) + 1);
    return hits;
  }
}

/** The fault of this kind among those that an order drew. */
export function faultOf<K extends OrderFault['kind']>(
  faults: readonly OrderFault[],
  kind: K,
): Extract<OrderFault, { readonly kind: K }> | undefined {
  return faults.find((fault): fault is Extract<OrderFault, { readonly kind: K }> => fault.kind === kind);
}
