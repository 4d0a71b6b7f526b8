import { merge, Subject, tap, type Observable } from 'rxjs';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import type { DateText } from '../../kernel/time.js';
import type { Broker, BrokerCapabilities, BrokerStatus, BrokerUpdate, OrderRequest } from '../../ports/broker.js';
import type { BrokerMeter } from './broker-meter.js';

/**
 * The broker as the engine sees it, measured. What the watchdog finds comes on `status$` like the broker's own word, so
 * entries are suspended and taken up again, and what was missed is fetched, in the one way that there is for it (RUN-42).
 */
export class WatchedBroker implements Broker {
  readonly code: string;
  readonly capabilities: BrokerCapabilities;
  readonly orderUpdates$: Observable<BrokerUpdate>;
  readonly status$: Observable<BrokerStatus>;
  readonly #found = new Subject<BrokerStatus>();
  #cut: BrokerStatus | undefined;
  #connected = false;

  constructor(
    private readonly inner: Broker,
    private readonly meter: BrokerMeter,
  ) {
    this.code = inner.code;
    this.capabilities = inner.capabilities;
    this.orderUpdates$ = inner.orderUpdates$;
    const own = inner.status$.pipe(
      tap((status) => {
        if (!this.#connected) return;
        this.#cut = status.state === 'disconnected' ? status : undefined;
        meter.streamIs(status.state);
      }),
    );
    this.status$ = merge(own, this.#found);
  }

  /** What the watchdog found. A line that the broker itself calls down is not called up by us. */
  found(status: BrokerStatus): void {
    if (status.state === 'connected' && this.#cut !== undefined) return;
    this.#found.next(status);
  }

  /** Between `connect` and `disconnect`: only then is it asked for signs of life. */
  get connected(): boolean {
    return this.#connected;
  }

  connect(): Promise<void> {
    this.#connected = true;
    return this.meter.measure(() => this.inner.connect());
  }
  selfCheck(): ReturnType<Broker['selfCheck']> {
    return this.meter.measure(() => this.inner.selfCheck());
  }
  account(): ReturnType<Broker['account']> {
    return this.meter.measure(() => this.inner.account());
  }
  positions(): ReturnType<Broker['positions']> {
    return this.meter.measure(() => this.inner.positions());
  }
  openOrders(): ReturnType<Broker['openOrders']> {
    return this.meter.measure(() => this.inner.openOrders());
  }
  submit(order: OrderRequest): Promise<void> {
    return this.meter.measure(() => this.inner.submit(order));
  }
  cancel(clientOrderId: ClientOrderId): Promise<void> {
    return this.meter.measure(() => this.inner.cancel(clientOrderId));
  }
  cancelAll(): Promise<void> {
    return this.meter.measure(() => this.inner.cancelAll());
  }
  closeAll(): Promise<void> {
    return this.meter.measure(() => this.inner.closeAll());
  }
  orderByClientId(clientOrderId: ClientOrderId): ReturnType<Broker['orderByClientId']> {
    return this.meter.measure(() => this.inner.orderByClientId(clientOrderId));
  }
  activities(after: string | null, limit: number, which?: 'all' | 'cash'): ReturnType<Broker['activities']> {
    return this.meter.measure(() => this.inner.activities(after, limit, which));
  }
  calendar(from: DateText, to: DateText): ReturnType<Broker['calendar']> {
    return this.meter.measure(() => this.inner.calendar(from, to));
  }
  clock(): ReturnType<Broker['clock']> {
    return this.meter.measure(() => this.inner.clock());
  }
  asset(symbol: TickerSymbol): ReturnType<Broker['asset']> {
    return this.meter.measure(() => this.inner.asset(symbol));
  }
  lastPrice(symbol: TickerSymbol): ReturnType<Broker['lastPrice']> {
    return this.meter.measure(() => this.inner.lastPrice(symbol));
  }
  disconnect(): Promise<void> {
    this.#connected = false;
    this.#cut = undefined;
    this.meter.streamIs('connected');
    return this.meter.measure(() => this.inner.disconnect());
  }
}
