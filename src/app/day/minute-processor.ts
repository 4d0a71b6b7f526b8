import type { MarketSlice } from '../../domain/market/types.js';
import type { BrokerConnection, BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerUpdate, OrderEntry } from '../../ports/order-entry.js';
import type { FeedStatus } from '../../ports/market-data.js';
import type { TradingContext } from '../../trading/context.js';
import type { Engine } from '../execution/engine.js';
import type { SteppedWorld } from '../../ports/stepped-world.js';

type News = { readonly update: BrokerUpdate } | { readonly status: BrokerStatus };

export interface MinuteProcessorDeps {
  readonly broker: Pick<OrderEntry, 'orderUpdates$'> & Pick<BrokerConnection, 'status$'>;
  readonly world: SteppedWorld | undefined;
  readonly context: TradingContext;
  readonly engine: Engine;
  /** Called when news arrives. */
  readonly onNews?: () => void;
  /** Live only: awaited before each piece of news; a kill waits for none of them. */
  readonly beforeNews?: () => Promise<void>;
}

/** As long as the journal takes it. */
const LONGEST_REASON = 500;

/** What a minute does to market and engine, and the news of the broker: the same for a simulated day and a live one. */
export class MinuteProcessor {
  readonly #news: News[] = [];
  #subscriptions: readonly { unsubscribe(): void }[] = [];
  #unseenStatus: BrokerStatus | undefined;

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

  /**
   * News in order, each with its consequences; without `acts` they are dropped. The last state of the connection is not:
   * a query returns every missed order report, but never that the broker came or went.
   */
  async takeNews(acts: boolean): Promise<void> {
    const { engine } = this.deps;
    if (acts && this.#unseenStatus !== undefined) {
      const status = this.#unseenStatus;
      this.#unseenStatus = undefined;
      await engine.onStatus(status);
    }
    if (acts) await engine.takeHeldReports();
    while (this.#news.length > 0) {
      if (acts) await this.deps.beforeNews?.();
      const news = this.#news.shift();
      if (news === undefined) return;
      if (!acts) {
        if ('status' in news) this.#unseenStatus = news.status;
        continue;
      }
      await this.#take(news);
      await this.settle(false);
    }
  }

  /** News whose consequences the caller sees to: between two actions of a kill. */
  async takeReports(): Promise<void> {
    for (let news = this.#news.shift(); news !== undefined; news = this.#news.shift()) await this.#take(news);
  }

  async #take(news: News): Promise<void> {
    const { engine } = this.deps;
    if ('update' in news) await engine.onUpdate(news.update);
    else await engine.onStatus(news.status);
  }

  /** Advances the market by a minute, with the last status of the feed; nothing is decided yet. */
  see(slice: MarketSlice, status: FeedStatus | undefined): void {
    const { market } = this.deps.context;
    market.apply(slice);
    const isLost = status !== undefined && status.state !== 'connected';
    market.setFeedLoss(isLost ? { reason: `${status.state}: ${status.reason}`.slice(0, LONGEST_REASON) } : undefined);
  }

  /** Undefined when no rule has an action: most minutes need no wait. */
  settle(atMinute: boolean): Promise<void> | undefined {
    const first = this.deps.engine.next(atMinute);
    return first === undefined ? undefined : this.deps.engine.settle(atMinute, first);
  }

  /** At the market close: takes the last news, then queries every order before the books are compared (F1, F3). */
  async finish(): Promise<void> {
    this.deps.world?.endDay();
    await this.takeNews(true);
    await this.deps.engine.askAfterOrders();
    await this.deps.engine.lookAtEnd();
    await this.settle(false);
    await this.settle(true);
  }
}
