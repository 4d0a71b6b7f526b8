import { Decimal } from '../../kernel/decimal.js';
import type { Sha256Hex } from '../../kernel/hash.js';
import type { EpochMs } from '../../kernel/time.js';
import type { Fields } from '../broker-common/fields.js';

/** One execution of an order: the shares from `from` (excluded) to `to` of all that the order traded. */
export interface AlpacaFill {
  readonly orderId: string;
  readonly from: Decimal;
  readonly to: Decimal;
  readonly price: Decimal;
  readonly at: EpochMs;
  readonly rawSha256: Sha256Hex;
}

/** A row of GET /v2/account/activities of type FILL. @throws DataError FIELD_UNREADABLE */
export function readFillRow(fields: Fields, rawSha256: Sha256Hex): AlpacaFill {
  const to = fields.decimal('cum_qty').abs();
  const from = to.minus(fields.decimal('qty').abs());
  const facts = { orderId: fields.text('order_id'), price: fields.decimal('price') };
  return { ...facts, from, to, at: fields.time('transaction_time'), rawSha256 };
}

/**
 * The id of an execution, the same however it was learnt: stream and records of Alpaca share no execution id, but both say how many
 * shares of the order have traded with it.
 */
export function executionIdOf({ orderId, to }: Pick<AlpacaFill, 'orderId' | 'to'>): string {
  return `${orderId}-${to.shortText()}`;
}

export type FillVerdict = 'new' | 'known' | 'contradicts';

const MOST_ORDERS = 5_000;

/** Executions of orders as far as they are known in this process; a bound on orders forgets the oldest. */
export class FillBook {
  readonly #byOrder = new Map<string, AlpacaFill[]>();

  /** Executions of an order, in the order of its shares. */
  of(orderId: string): readonly AlpacaFill[] {
    return this.#byOrder.get(orderId) ?? [];
  }

  /** Whether an execution is new, the same as a known one, or lies across others: then one of them is wrong. */
  judge(fill: AlpacaFill): FillVerdict {
    if (fill.from.sign() < 0 || fill.to.lte(fill.from)) return 'contradicts';
    const others = this.of(fill.orderId);
    if (others.some(({ from, to }) => from.equals(fill.from) && to.equals(fill.to))) return 'known';
    return others.some(({ from, to }) => from.lt(fill.to) && fill.from.lt(to)) ? 'contradicts' : 'new';
  }

  /** Adds an execution that is new. */
  add(fill: AlpacaFill): void {
    if (this.judge(fill) !== 'new') return;
    const sorted = [...this.of(fill.orderId), fill].sort((a, b) => a.to.compare(b.to));
    this.#byOrder.delete(fill.orderId);
    this.#byOrder.set(fill.orderId, sorted);
    const [oldest] = this.#byOrder.keys();
    if (this.#byOrder.size > MOST_ORDERS && oldest !== undefined) this.#byOrder.delete(oldest);
  }

  /** After a bust or a correction the records are read again. */
  forget(orderId: string): void {
    this.#byOrder.delete(orderId);
  }

  /** The same executions without one. */
  remove({ orderId, to }: AlpacaFill): void {
    this.#byOrder.set(
      orderId,
      this.of(orderId).filter((each) => !each.to.equals(to)),
    );
  }
}

/** The first executions of an order, up to the first gap. */
export function withoutGap(fills: readonly AlpacaFill[]): readonly AlpacaFill[] {
  const end = fills.findIndex(({ from }, n) => !from.equals(fills[n - 1]?.to ?? Decimal.ZERO));
  return end < 0 ? fills : fills.slice(0, end);
}

const AVERAGE_SCALE = 10;

/** Average price of the first executions up to one, when all of them are known; else undefined. */
export function averageUpTo(fills: readonly AlpacaFill[], to: Decimal): Decimal | undefined {
  let reach = Decimal.ZERO;
  let value = Decimal.ZERO;
  for (const fill of fills) {
    if (!fill.from.equals(reach) || fill.to.gt(to)) break;
    value = value.plus(fill.to.minus(fill.from).times(fill.price));
    reach = fill.to;
  }
  return reach.equals(to) && to.sign() > 0 ? value.divide(to, { scale: AVERAGE_SCALE, round: 'halfEven' }) : undefined;
}
