import type { Decimal } from '../../kernel/decimal.js';
import type { EpochMs } from '../../kernel/time.js';
import { executionIdOf, type AlpacaFill } from './fills.js';
import { readOrder, type AlpacaOrder } from './orders.js';
import type { TradeUpdate } from './trade-updates.js';

/** What takes an execution back or changes it. */
export interface TakesBack {
  readonly event: string;
  /** Id of the execution on the stream. */
  readonly wireId: string;
  readonly at: EpochMs;
  /** Shares that the message names. */
  readonly shares: Decimal | null;
  readonly corrected: { readonly quantity: Decimal; readonly price: Decimal; readonly fill: AlpacaFill } | undefined;
}

/** What a message of the stream says. */
export interface OrderNews {
  readonly order: AlpacaOrder;
  readonly fill: AlpacaFill | undefined;
  readonly takesBack: TakesBack | undefined;
  /** Why a person should see it: an event that no document names. */
  readonly unknown: string | undefined;
}

const FILLS = ['fill', 'partial_fill'];
const TAKE_BACK = ['trade_bust', 'trade_correct'];
/** Events that say no more than the order that comes with them. */
const STATES = [
  ...[
    'new',
    'accepted',
    'pending_new',
    'accepted_for_bidding',
    'held',
    'stopped',
    'suspended',
    'calculated',
    'restated',
  ],
  ...['canceled', 'expired', 'done_for_day', 'replaced', 'rejected', 'pending_cancel', 'pending_replace'],
  ...['order_cancel_rejected', 'order_replace_rejected'],
];
const MOST_NAMES = 20_000;

/** Reads messages of the stream, and remembers which execution of the stream is which of ours. */
export class NewsReader {
  readonly #names = new Map<string, string>();

  /** @throws DataError for a message without a readable order */
  read({ event, fields, frame }: TradeUpdate): OrderNews {
    const order = readOrder(fields.raw('order'), frame.rawSha256);
    const isFill = FILLS.includes(event);
    const fill = isFill ? this.#fillOf({ event, fields, frame }, order) : undefined;
    const wireId = fields.textOr('execution_id', '');
    if (fill !== undefined && wireId !== '') this.#remember(wireId, executionIdOf(fill));
    const isKnown = isFill || TAKE_BACK.includes(event) || STATES.includes(event);
    const unknown = isKnown ? undefined : `event ${event.slice(0, 60)} of trade_updates`;
    return { order, fill, takesBack: this.#takesBack({ event, fields, frame }, order), unknown };
  }

  /** Our id of an execution of the stream; undefined for one that another process saw. */
  nameOf(wireId: string): string | undefined {
    return this.#names.get(wireId);
  }

  /** Shares of the execution end where the order is with it; undefined when the message does not say how many. */
  #fillOf({ fields, frame }: TradeUpdate, order: AlpacaOrder): AlpacaFill | undefined {
    const quantity = fields.decimalOr('qty', null);
    const price = fields.decimalOr('price', null);
    if (quantity === null || price === null || price.sign() <= 0) return undefined;
    const at = fields.timeOr('timestamp', null) ?? fields.timeOr('at', null) ?? order.endedAt;
    const to = order.filled;
    return { orderId: order.id, from: to.minus(quantity.abs()), to, price, at, rawSha256: frame.rawSha256 };
  }

  #takesBack(update: TradeUpdate, order: AlpacaOrder): TakesBack | undefined {
    const { event, fields } = update;
    if (!TAKE_BACK.includes(event)) return undefined;
    const at = fields.timeOr('timestamp', null) ?? fields.timeOr('at', null) ?? order.endedAt;
    const own = fields.textOr('execution_id', '');
    const wireId = fields.textOr('previous_execution_id', own);
    const fill = event === 'trade_correct' ? this.#fillOf(update, order) : undefined;
    const shares = fields.decimalOr('qty', null);
    if (fill === undefined) return { event, wireId, at, shares, corrected: undefined };
    if (own !== '') this.#remember(own, executionIdOf(fill));
    return { event, wireId, at, shares, corrected: { quantity: fill.to.minus(fill.from), price: fill.price, fill } };
  }

  #remember(wireId: string, ours: string): void {
    this.#names.set(wireId, ours);
    const [oldest] = this.#names.keys();
    if (this.#names.size > MOST_NAMES && oldest !== undefined) this.#names.delete(oldest);
  }
}
