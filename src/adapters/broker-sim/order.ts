import { canonicalJson } from '../../kernel/canonical-json.js';
import { Decimal } from '../../kernel/decimal.js';
import { naturalKeyId, sha256Hex } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';
import type {
  BrokerFill,
  BrokerOrder,
  BrokerOrderStatus,
  BrokerUpdate,
  OpenOrder,
  OrderRequest,
} from '../../ports/order-entry.js';
import type { OrderFault } from './faults.js';
import { NO_CHARGES, type Charges } from './fees.js';

/** An order in the exchange's book. */
export interface SimOrder {
  readonly request: OrderRequest;
  readonly brokerOrderId: string;
  readonly arrivesAt: EpochMs;
  readonly faults: readonly OrderFault[];
  /** False for an order by a person elsewhere: it happens without a report to the bot. */
  readonly reported: boolean;
  status: BrokerOrderStatus;
  filled: Decimal;
  charges: Charges;
  /** Number of executions so far; the next one is numbered one higher. */
  executions: number;
  /** Number of executions into which it is split when the market allows it. */
  pieces: number;
  triggered: boolean;
  cancelling: boolean;
  ackWithheld: boolean;
  /** An attempt to trade is on the agenda. */
  planned: boolean;
  /** Dollars per share that stay reserved while it works. */
  holdPrice: Decimal;
  /** Time of its last event, or of its arrival. */
  lastAt: EpochMs;
  readonly updates: BrokerUpdate[];
}

export function newOrder(
  accountId: string,
  request: OrderRequest,
  options: { readonly arrivesAt: EpochMs; readonly faults?: readonly OrderFault[]; readonly reported?: boolean },
): SimOrder {
  return {
    request,
    brokerOrderId: naturalKeyId('sim-order', accountId, request.clientOrderId),
    arrivesAt: options.arrivesAt,
    faults: options.faults ?? [],
    reported: options.reported ?? true,
    status: 'accepted',
    filled: Decimal.ZERO,
    charges: NO_CHARGES,
    executions: 0,
    pieces: 1,
    triggered: false,
    cancelling: false,
    ackWithheld: false,
    planned: false,
    holdPrice: Decimal.ZERO,
    lastAt: options.arrivesAt,
    updates: [],
  };
}

export function isOpen(order: SimOrder): boolean {
  return order.status === 'accepted' || order.status === 'working';
}

/** Remaining shares; undefined for a notional order, whose shares are known only at its price. */
export function remainingShares(order: SimOrder): Decimal | undefined {
  return order.request.quantity?.minus(order.filled);
}

/** Remaining dollars of a notional order. */
export function remainingDollars(order: SimOrder): Decimal {
  return (order.request.notional ?? Decimal.ZERO).minus(order.charges.dollars);
}

export function brokerOrderOf(order: SimOrder): BrokerOrder {
  return {
    clientOrderId: order.request.clientOrderId,
    brokerOrderId: order.brokerOrderId,
    status: order.status,
    filledQuantity: order.filled,
    updates: [...order.updates],
  };
}

export function openOrderOf({ request, brokerOrderId, filled, cancelling, arrivesAt }: SimOrder): OpenOrder {
  return {
    clientOrderId: request.clientOrderId,
    brokerOrderId,
    symbol: request.symbol,
    side: request.side,
    quantity: request.quantity,
    filledQuantity: filled,
    state: cancelling ? 'cancel_pending' : 'working',
    placedAt: arrivesAt,
  };
}

type WithoutOrder<T> = T extends unknown ? Omit<T, 'rawSha256' | 'clientOrderId' | 'brokerOrderId'> : never;
/** The facts of an update, before its order and digest are added. */
export type UpdateFacts = WithoutOrder<BrokerUpdate>;

/** Adds the order to an update and seals it with the digest of its facts. */
export function seal(order: SimOrder, facts: UpdateFacts): BrokerUpdate {
  const { brokerOrderId, request } = order;
  const addressed = { clientOrderId: request.clientOrderId, brokerOrderId, ...facts };
  return { ...addressed, rawSha256: sha256Hex(canonicalJson(plain(addressed))) };
}

export function isFill(update: BrokerUpdate): update is BrokerUpdate & BrokerFill {
  return update.kind === 'filled';
}

/** Decimals as their shortest text, so that equal facts have equal digests. */
export function plain(record: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Decimal ? value.shortText() : value,
    ]),
  );
}
