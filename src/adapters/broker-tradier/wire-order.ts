import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerOrderStatus } from '../../ports/order-entry.js';
import { isMembers, listOf, neededText, figureOf, textOf, timeOf, type Members } from './shapes.js';
import { idOfTag } from './tag.js';

/** An order as an answer of the broker shows it. */
export interface TradierOrder {
  readonly id: string;
  /** Null for an order of another program or of a person. */
  readonly clientOrderId: ClientOrderId | null;
  readonly symbol: string;
  /** In the words of the broker: buy, sell_short and others. */
  readonly side: string;
  readonly type: string;
  readonly status: string;
  readonly quantity: Decimal;
  /** Shares filled so far. */
  readonly executed: Decimal;
  /** Average price of all fills; undefined before the first. */
  readonly averagePrice: Decimal | undefined;
  readonly lastFillQuantity: Decimal | undefined;
  readonly lastFillPrice: Decimal | undefined;
  readonly createdAt: EpochMs | undefined;
  readonly changedAt: EpochMs | undefined;
  readonly reason: string;
  /** The parts of an order of several legs. */
  readonly legs: readonly Members[];
}

/** Status words that end an order; every other word, known or not, leaves it open. */
const ENDS: Readonly<Record<string, BrokerOrderStatus>> = {
  filled: 'filled',
  expired: 'expired',
  canceled: 'cancelled',
  cancelled: 'cancelled',
  rejected: 'rejected',
  error: 'rejected',
};

/** Status words of an order that the exchange does not have yet. */
const WAITING: readonly string[] = ['pending', 'submitted', 'held', 'calculated', 'accepted_for_bidding'];

/** The status of an order in the words of the port. */
export function statusOf({ status }: Pick<TradierOrder, 'status'>): BrokerOrderStatus {
  return ENDS[status] ?? (WAITING.includes(status) ? 'accepted' : 'working');
}

/** Whether the order has ended. */
export function isFinal(order: Pick<TradierOrder, 'status'>): boolean {
  return ENDS[order.status] !== undefined;
}

/** Reads one order of an answer. @throws BrokerError BROKER_ANSWER_UNREADABLE */
function readOrder(members: Members): TradierOrder {
  const tag = textOf(members, 'tag');
  return {
    id: neededText(members, 'id'),
    clientOrderId: (tag === undefined ? undefined : idOfTag(tag)) ?? null,
    symbol: textOf(members, 'symbol') ?? '',
    side: textOf(members, 'side') ?? '',
    type: textOf(members, 'type') ?? '',
    status: neededText(members, 'status'),
    quantity: figureOf(members, 'quantity') ?? Decimal.ZERO,
    executed: figureOf(members, 'exec_quantity') ?? figureOf(members, 'executed_quantity') ?? Decimal.ZERO,
    averagePrice: positive(figureOf(members, 'avg_fill_price')),
    lastFillQuantity: positive(figureOf(members, 'last_fill_quantity')),
    lastFillPrice: positive(figureOf(members, 'last_fill_price')),
    createdAt: timeOf(members, 'create_date'),
    changedAt: timeOf(members, 'transaction_date'),
    reason: textOf(members, 'reason_description') ?? '',
    legs: legsOf(members),
  };
}

/** All orders of a list. @throws BrokerError BROKER_ANSWER_UNREADABLE */
export function readOrders(answer: unknown): readonly TradierOrder[] {
  return listOf(answer, 'orders', 'order').map(readOrder);
}

/** One order of a detail. @throws BrokerError BROKER_ANSWER_UNREADABLE */
export function readDetail(answer: unknown): TradierOrder | undefined {
  const [order] = isMembers(answer) ? listOf({ order: answer }, 'order', 'order') : [];
  return order === undefined ? undefined : readOrder(order);
}

function legsOf({ leg }: Members): readonly Members[] {
  const all: readonly unknown[] = Array.isArray(leg) ? leg : [leg];
  return all.filter(isMembers);
}

function positive(figure: Decimal | undefined): Decimal | undefined {
  return figure !== undefined && figure.sign() > 0 ? figure : undefined;
}
