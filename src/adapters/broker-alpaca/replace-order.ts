import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { brokerError, networkError, TradeBotError } from '../../kernel/errors.js';
import type { OrderChange } from '../../ports/order-entry.js';
import { pauseMs } from '../broker-common/pause.js';
import type { AlpacaRest } from './alpaca-rest.js';
import type { OrderDesk } from './order-desk.js';
import { hasEnded, type AlpacaOrder } from './orders.js';

const LOOKS = 10;
const LOOK_EVERY_MS = 200;

/**
 * Changes an order. Alpaca makes a new order of it, for the quantity that is asked for, whatever the old one traded: so the rest is
 * computed here, before and after, and two orders are never live for the same shares.
 */
export class OrderReplacer {
  constructor(
    private readonly rest: AlpacaRest,
    private readonly desk: OrderDesk,
  ) {}

  /** @throws BrokerError refuse (ended, traded meanwhile), NetworkError reconcile (unknown) */
  async replace(id: ClientOrderId, change: OrderChange): Promise<void> {
    const old = await this.#orderOf(id);
    if (old === undefined || hasEnded(old)) throw refused('ORDER_ENDED', `order ${id} is not open any more`);
    await this.desk.learn(old);
    const replaced = await this.#send(id, old, change);
    this.desk.name(replaced.id, change.newClientOrderId);
    await this.desk.learn(replaced);
    await this.#giveBackWhatTraded(old, replaced);
  }

  async #send(id: ClientOrderId, old: AlpacaOrder, change: OrderChange): Promise<AlpacaOrder> {
    try {
      return await this.rest.replace(old.id, bodyOf(change), `the change of order ${id}`);
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.callerMust === 'retry') throw error;
      // a refusal may come although the change was made: what has the new id decides
      const made = await this.#find(change.newClientOrderId, error);
      if (made !== undefined) return made;
      if (error.code === 'INSUFFICIENT_POSITION') return this.#cancelAndSend(id, old, change);
      throw error;
    }
  }

  async #find(newId: ClientOrderId, cause: TradeBotError): Promise<AlpacaOrder | undefined> {
    try {
      return await this.rest.orderByClientId(newId);
    } catch {
      throw unclear(newId, cause);
    }
  }

  /** The shares are held by the old order: it ends first, then the new one is sent for what is left. */
  async #cancelAndSend(id: ClientOrderId, old: AlpacaOrder, change: OrderChange): Promise<AlpacaOrder> {
    await this.rest.cancel(old.id, `order ${id}`);
    const ended = await this.#ended(old.id);
    if (ended === undefined) throw unclear(id);
    await this.desk.learn(ended);
    const traded = ended.filled.minus(old.filled);
    const quantity = change.quantity.minus(traded);
    if (quantity.sign() <= 0) throw refused('ORDER_ENDED', `order ${id} has traded meanwhile`);
    const { newClientOrderId, limitPrice, stopPrice } = change;
    return this.rest.submit({
      ...{ clientOrderId: newClientOrderId, symbol: old.symbol, side: old.side, quantity, notional: null },
      positionEffect: old.side === 'buy' ? 'close_short' : 'close_long',
      orderType: old.type === 'stop' || old.type === 'limit' ? old.type : 'market',
      ...{ limitPrice, stopPrice, timeInForce: 'day' },
    });
  }

  /** What the old order traded while it was replaced comes off the new one. */
  async #giveBackWhatTraded(old: AlpacaOrder, replaced: AlpacaOrder): Promise<void> {
    const after = await this.#ended(old.id);
    if (after === undefined) return;
    await this.desk.learn(after);
    const traded = after.filled.minus(old.filled);
    if (traded.sign() <= 0) return;
    const left = (replaced.quantity ?? Decimal.ZERO).minus(traded);
    const what = `order ${this.desk.idOf(replaced)}`;
    // to cancel is always safe: the caller sees the end and sends what is still needed
    await this.rest.cancel(
      replaced.id,
      left.sign() > 0 ? `${what}, which is too large by what traded meanwhile` : what,
    );
  }

  async #ended(orderId: string): Promise<AlpacaOrder | undefined> {
    for (let look = 0; look < LOOKS; look += 1) {
      const order = await this.rest.orderById(orderId);
      if (order !== undefined && hasEnded(order)) return order;
      await pauseMs(LOOK_EVERY_MS);
    }
    return undefined;
  }

  async #orderOf(id: ClientOrderId): Promise<AlpacaOrder | undefined> {
    const brokerId = this.desk.brokerIdOf(id);
    return brokerId === undefined ? this.rest.orderByClientId(id) : this.rest.orderById(brokerId);
  }
}

/** The quantity is always sent: without it the new order has the original one, traded or not. */
function bodyOf({ newClientOrderId, quantity, limitPrice, stopPrice }: OrderChange): Readonly<Record<string, string>> {
  return {
    qty: quantity.shortText(),
    client_order_id: newClientOrderId,
    ...(limitPrice === null ? {} : { limit_price: limitPrice.shortText() }),
    ...(stopPrice === null ? {} : { stop_price: stopPrice.shortText() }),
  };
}

function refused(code: string, message: string): TradeBotError {
  return brokerError('refuse', { code, message, remedy: 'Nothing was changed. The order is asked for again.' });
}

function unclear(id: ClientOrderId, cause?: TradeBotError): TradeBotError {
  return networkError('reconcile', {
    code: 'REPLACE_UNCLEAR',
    message: `ALPACA did not say what became of the change of order ${id}`,
    remedy: 'Both orders are asked for by their ids before anything else.',
    ...(cause === undefined ? {} : { cause }),
  });
}
