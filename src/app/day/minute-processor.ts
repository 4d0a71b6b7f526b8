import type { MarketSlice } from '../../domain/market/types.js';
import type { BrokerConnection, BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerUpdate, OrderEntry } from '../../ports/order-entry.js';
import type { TradingContext } from '../../trading/context.js';
import type { Engine } from '../execution/engine.js';
import type { SessionDeps } from './session-deps.js';

type News = { readonly update: BrokerUpdate } | { readonly status: BrokerStatus };

export interface MinuteProcessorDeps {
  readonly broker: Pick<OrderEntry, 'orderUpdates$'> & Pick<BrokerConnection, 'status$'>;
  readonly venue: Pick<SessionDeps['venue'], 'closeSession'>;
  readonly context: TradingContext;
  readonly engine: Engine;
  /** Called as news comes in. */
  readonly onNews?: () => void;
}

/** What a minute does to market and engine, and what the broker tells: alike for a simulated day and a live one. */
export class MinuteProcessor {
  readonly #news: News[] = [];
  #subscriptions: readonly { unsubscribe(): void }[] = [];

  constructor(private readonly deps: MinuteProcessorDeps) {}

  listen(): void {
    const { broker, onNews } = this.deps;
    const take = (news: News): void => {
      this.#news.push(news);
      onNews?.();
    };
    this.#subscriptions = [
      broker.orderUpdates$.subscribe((update) => take({ update })),
      broker.status$.subscribe((status) => take({ status })),
    ];
  }

  stopListening(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  get hasNews(): boolean {
    return this.#news.length > 0;
  }

  /** News in their order, each with what follows from it; without `acts` they are only passed over. */
  async takeNews(acts: boolean): Promise<void> {
    const { engine } = this.deps;
    for (let news = this.#news.shift(); news !== undefined; news = this.#news.shift()) {
      if (!acts) continue;
      if ('update' in news) await engine.onUpdate(news.update);
      else await engine.onStatus(news.status);
      await this.settle(false);
    }
  }

  /** The market moves on by a minute; nothing is decided yet. */
  see(slice: MarketSlice): void {
    this.deps.context.market.apply(slice);
  }

  /** Undefined when no rule has anything to do: most minutes need no wait. */
  settle(atMinute: boolean): Promise<void> | undefined {
    const first = this.deps.engine.next(atMinute);
    return first === undefined ? undefined : this.deps.engine.settle(atMinute, first);
  }

  /** The market closes: the last news, then every order is asked after before the books are compared (F1, F3). */
  async finish(): Promise<void> {
    this.deps.venue.closeSession();
    await this.takeNews(true);
    await this.deps.engine.askAfterOrders();
    await this.settle(false);
    await this.settle(true);
  }
}
