import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerOrder, BrokerUpdate } from '../../ports/order-entry.js';
import { growthPrice } from './growth-price.js';
import { symbolOf } from './symbols.js';
import { refusalCode } from './verdict.js';
import { isFinal, statusOf, type TradierOrder } from './wire-order.js';

type Final = { readonly kind: 'rejected' | 'cancelled' | 'expired' };

/**
 * What the answers of the broker have shown of one order, as reports: taken in, filled, ended. An answer that shows less than an
 * earlier one is older and changes nothing; a fill that shows after the end still counts.
 */
export class OrderHistory {
  readonly updates: BrokerUpdate[] = [];
  #executed = Decimal.ZERO;
  #value = Decimal.ZERO;
  #lastAt: EpochMs | undefined;
  #seen: TradierOrder;
  #ended = false;

  constructor(
    private readonly clientOrderId: ClientOrderId,
    first: TradierOrder,
  ) {
    this.#seen = first;
  }

  /** The order as it was last shown. */
  get order(): TradierOrder {
    return this.#seen;
  }

  /** Whether more reports are to come: it is open, or ended as filled before all its fills have shown. */
  get isOpen(): boolean {
    if (!isFinal(this.#seen)) return true;
    return statusOf(this.#seen) === 'filled' && this.#executed.lt(this.#seen.quantity);
  }

  /** Takes in an answer that was read at `now`, and returns the reports that it adds. */
  see(order: TradierOrder, rawSha256: Sha256Hex, now: EpochMs): readonly BrokerUpdate[] {
    const before = this.updates.length;
    if (!isFinal(this.#seen) || isFinal(order)) this.#seen = order;
    const status = statusOf(order);
    const at = (time: EpochMs | undefined): EpochMs => this.#laterOf(time ?? now);
    const base = { clientOrderId: this.clientOrderId, brokerOrderId: order.id, rawSha256 };
    if (before === 0 && (status !== 'rejected' || order.executed.sign() > 0)) {
      this.updates.push({ ...base, kind: 'acknowledged', at: at(order.createdAt) });
    }
    const price = order.executed.gt(this.#executed) ? this.#priceOf(order) : undefined;
    if (price !== undefined) {
      const quantity = order.executed.minus(this.#executed);
      const filledAt = at(order.changedAt);
      this.updates.push({
        ...base,
        kind: 'filled',
        at: filledAt,
        filledAt,
        executionId: `${order.id}-${order.executed.shortText()}`,
        symbol: symbolOf(order.symbol),
        side: order.side.startsWith('buy') ? 'buy' : 'sell',
        quantity,
        price,
        commission: Decimal.ZERO,
        fee: Decimal.ZERO,
        soFar: { quantity: order.executed, averagePrice: order.averagePrice ?? price },
      });
      this.#value = this.#value.plus(quantity.times(price));
      this.#executed = order.executed;
    }
    const end = this.#ended ? undefined : this.#endOf(order);
    if (end !== undefined) {
      this.#ended = true;
      this.updates.push({ ...base, ...end, at: at(order.changedAt) } as BrokerUpdate);
    }
    return this.updates.slice(before);
  }

  /** The order in the words of the port. */
  toBrokerOrder(): BrokerOrder {
    return {
      clientOrderId: this.clientOrderId,
      brokerOrderId: this.#seen.id,
      status: statusOf(this.#seen),
      filledQuantity: this.#executed,
      updates: [...this.updates],
    };
  }

  #priceOf(order: TradierOrder): Decimal | undefined {
    return growthPrice({ executed: this.#executed, value: this.#value }, order);
  }

  /** The end that the answer shows, after all fills that it counts have been reported. */
  #endOf(order: TradierOrder): (Final & Readonly<Record<string, unknown>>) | undefined {
    if (order.executed.gt(this.#executed)) return undefined;
    const filledQuantity = this.#executed;
    switch (statusOf(order)) {
      case 'cancelled':
        return {
          kind: 'cancelled',
          filledQuantity,
          reason: order.reason === '' ? 'canceled at the broker' : order.reason,
        };
      case 'expired':
        return { kind: 'expired', filledQuantity };
      case 'rejected':
        // the rest of a partly filled order was refused: what was filled stays
        if (filledQuantity.sign() > 0)
          return { kind: 'cancelled', filledQuantity, reason: `${order.status}: ${order.reason}` };
        return {
          kind: 'rejected',
          code: refusalCode(order.reason),
          message: order.reason === '' ? order.status : order.reason,
        };
      default:
        return undefined;
    }
  }

  #laterOf(at: EpochMs): EpochMs {
    this.#lastAt = this.#lastAt === undefined || at > this.#lastAt ? at : this.#lastAt;
    return this.#lastAt;
  }
}
