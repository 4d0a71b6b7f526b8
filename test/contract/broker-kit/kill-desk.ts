import { OrderSender } from '../../../src/app/execution/order-sender.js';
import { LOCKED_HOME } from '../../../src/app/ownership/effects-guard.js';
import type { Order } from '../../../src/domain/orders/order.js';
import { parseClientOrderId, type ClientOrderId, type TickerSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { toUtcText } from '../../../src/kernel/time.js';
import type { Broker } from '../../../src/ports/broker.js';
import { findOrder } from '../../../src/app/execution/find-order.js';
import type { TradingContext } from '../../../src/trading/context.js';
import { newEffectMemory } from '../../../src/trading/orders/effect-memory.js';
import { eventually } from '../../support/eventually.js';
import { SALE, type Desk } from './desk.js';
import type { BrokerBench } from './kit.js';

/** A bot with positions whose stops rest at the broker, as a kill finds it; what a kill sends goes through the engine's own sender. */
export class KillDesk {
  readonly #memory = newEffectMemory();
  readonly #orders = new Map<ClientOrderId, Order>();
  readonly #held: { readonly symbol: TickerSymbol; readonly shares: string }[] = [];

  constructor(
    private readonly bench: BrokerBench,
    private readonly desk: Desk,
  ) {}

  /** Buys shares and places their stop far below the market. */
  async hold(symbol: TickerSymbol, shares: string): Promise<void> {
    const { bench, desk } = this;
    const n = this.#held.push({ symbol, shares });
    await bench.broker.submit(desk.order(`buy-${n}`, shares, { symbol }));
    await this.#passUntil(`buy-${n} is filled`, () => desk.filled(`buy-${n}`).equals(Decimal.parse(shares)));
    const stop = { symbol, ...SALE, orderType: 'stop', stopPrice: Decimal.parse('2.00') } as const;
    await bench.broker.submit(desk.order(`stop-${n}`, shares, stop));
    this.#keep(`stop-${n}`, n, { orderType: 'stop', exitReason: 'stop_loss' });
  }

  /** Asks for the cancel of every stop, as the engine does after a kill; how each request ended. */
  async cancelStops(broker: Broker = this.bench.broker): Promise<readonly string[]> {
    const sender = this.#sender(broker);
    const stops = this.#held.map((_, at) => parseClientOrderId(`stop-${at + 1}`));
    const ends = stops.map((id) => {
      this.#memory.cancelSentAt.set(id, this.bench.now());
      return endOf(sender.cancel(id));
    });
    return Promise.all(ends);
  }

  /** Waits until no stop is open. */
  stopsAreGone(): Promise<void> {
    return this.#passUntil('no stop is open', async () => (await this.bench.broker.openOrders()).length === 0);
  }

  /** Intends an exit for each position and sends them all; how each send ended. */
  async close(broker: Broker = this.bench.broker): Promise<readonly string[]> {
    const sender = this.#sender(broker);
    const exits = this.#held.map((_, at) => this.#exit(at + 1));
    return Promise.all(exits.map((order) => endOf(sender.send(order, 'reduces'))));
  }

  /** Looks for an exit as a successor does, which knows only what the journal has; its status at the broker. */
  async find(n: number, broker: Broker): Promise<string | undefined> {
    return (await findOrder(broker, parseClientOrderId(`exit-${n}`), this.#exit(n)))?.status;
  }

  /** Waits until every position is closed; the shares that each exit sold. */
  async soldShares(): Promise<readonly string[]> {
    const { bench, desk } = this;
    await this.#passUntil('all is closed', async () => (await bench.broker.positions()).length === 0);
    const sold = this.#held.map((_, at) => (): Decimal => desk.filled(`exit-${at + 1}`));
    await this.#passUntil('each sale is reported', () => sold.every((shares) => !shares().isZero()));
    return sold.map((shares) => shares().shortText());
  }

  #exit(n: number): Order {
    const id = parseClientOrderId(`exit-${n}`);
    const order = this.#orders.get(id) ?? this.#keep(id, n, { orderType: 'market', exitReason: 'kill' });
    this.#memory.unsent.add(id);
    return order;
  }

  #keep(name: string, n: number, more: Pick<Order['intent'], 'orderType' | 'exitReason'>): Order {
    const { symbol, shares } = this.#held[n - 1]!;
    const clientOrderId = parseClientOrderId(name);
    const intent = {
      ...{ clientOrderId, symbol, quantity: shares, purpose: 'exit', timeInForce: 'day', ...SALE, ...more },
      ...{ notional: null, limitPrice: null, stopPrice: null },
    };
    const stage = more.orderType === 'stop' ? 'working' : 'intended';
    const order = { stage, cancelRequested: stage === 'working', intendedAt: toUtcText(this.bench.now()), intent };
    this.#orders.set(clientOrderId, order as unknown as Order);
    return order as unknown as Order;
  }

  #sender(broker: Broker): OrderSender {
    return new OrderSender({
      ...{ broker, effects: LOCKED_HOME, calls: { abandonsPending: true }, clock: { now: this.bench.now } },
      state: () => ({ orders: this.#orders, liveOrders: this.#orders }),
      context: { memory: this.#memory } as unknown as TradingContext,
    });
  }

  #passUntil(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const passes = async (): Promise<boolean> => {
      if (await holds()) return true;
      await this.bench.pass();
      return holds();
    };
    return eventually(what, passes, { everyMs: 2 });
  }
}

async function endOf(work: Promise<void>): Promise<string> {
  return work.then(
    () => 'sent',
    (error: unknown) => (error as { readonly code: string }).code,
  );
}
