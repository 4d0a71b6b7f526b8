import { Decimal } from '../../../src/kernel/decimal.js';
import { SeededRandom } from '../../../src/kernel/random.js';
import type { EmulatedExchange } from './exchange.js';
import type { EmulatedOrder } from './types.js';

/** Of the orders that can trade, this share trades in two executions. */
const IN_TWO = 0.3;

/** Trades open orders against the prices of the exchange; what an order gets depends on its number alone. */
export class AutoTrader {
  #looking = false;

  constructor(
    private readonly exchange: EmulatedExchange,
    private readonly seed: number,
  ) {}

  /** Trades whatever can trade now. */
  look(): void {
    // a fill is heard by listeners that may place the next order
    if (this.#looking) return;
    this.#looking = true;
    try {
      for (const order of this.exchange.openOrders()) if (this.#trades(order)) this.#trade(order);
    } finally {
      this.#looking = false;
    }
  }

  #trades(order: EmulatedOrder): boolean {
    if (order.state !== 'open' && order.state !== 'partially_filled') return false;
    const price = this.exchange.price(order.ask.symbol);
    const { type, side } = order.ask;
    const reached = (limit: Decimal | null, wants: 'below' | 'above'): boolean =>
      limit === null || (wants === 'below' ? price.lte(limit) : price.gte(limit));
    const byLimit = reached(order.limitPrice, side === 'buy' ? 'below' : 'above');
    const byStop = reached(order.stopPrice, side === 'buy' ? 'above' : 'below');
    return type === 'market' || (byLimit && byStop);
  }

  #trade(order: EmulatedOrder): void {
    const price = this.exchange.price(order.ask.symbol);
    const wanted = this.exchange.remaining(order, price);
    if (wanted.sign() <= 0) return;
    const lot = this.exchange.symbol(order.ask.symbol)?.lot ?? Decimal.ONE;
    const inTwo = SeededRandom.of('fill', this.seed, order.id).next() < IN_TWO && wanted.gt(lot);
    if (inTwo) {
      const half = wanted.divide(lot.times(Decimal.of(2)), { scale: 0, round: 'floor' }).times(lot);
      if (half.sign() > 0) this.exchange.fill(order.id, half, price);
    }
    this.exchange.fill(order.id, this.exchange.remaining(order, price), price);
  }
}
