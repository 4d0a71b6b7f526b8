import { map, type Observable } from 'rxjs';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import type { Decimal } from '../../kernel/decimal.js';
import type { DateText, EpochMs } from '../../kernel/time.js';
import type {
  Broker,
  BrokerAccount,
  BrokerActivity,
  BrokerAsset,
  BrokerCapabilities,
  BrokerOrder,
  BrokerPosition,
  BrokerStatus,
  BrokerUpdate,
  OrderRequest,
} from '../../ports/broker.js';

/**
 * A broker that knows our orders by other names, one to one. The simulated broker's chance goes by the name of an order:
 * with this a replay whose orders are numbered differently has the luck of the orders that it stands for.
 */
export class RenamingBroker implements Broker {
  readonly code: string;
  readonly capabilities: BrokerCapabilities;
  readonly orderUpdates$: Observable<BrokerUpdate>;
  readonly status$: Observable<BrokerStatus>;
  private readonly there = new Map<ClientOrderId, ClientOrderId>();
  private readonly back = new Map<ClientOrderId, ClientOrderId>();

  /** `rename` is asked once for each order, when it is submitted; its answers must differ from each other. */
  constructor(
    private readonly inner: Broker,
    private readonly rename: (ours: ClientOrderId) => ClientOrderId,
  ) {
    this.code = inner.code;
    this.capabilities = inner.capabilities;
    this.orderUpdates$ = inner.orderUpdates$.pipe(map((update) => this.ours(update)));
    this.status$ = inner.status$;
  }

  submit(order: OrderRequest): Promise<void> {
    return this.inner.submit({ ...order, clientOrderId: this.theirs(order.clientOrderId) });
  }

  cancel(clientOrderId: ClientOrderId): Promise<void> {
    return this.inner.cancel(this.theirs(clientOrderId));
  }

  async orderByClientId(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined> {
    const found = await this.inner.orderByClientId(this.theirs(clientOrderId));
    return found === undefined ? undefined : this.ourOrder(found);
  }

  async openOrders(): Promise<readonly BrokerOrder[]> {
    return (await this.inner.openOrders()).map((order) => this.ourOrder(order));
  }

  async activities(after: string | null, limit: number): Promise<readonly BrokerActivity[]> {
    const found = await this.inner.activities(after, limit);
    return found.map((each) => (each.kind === 'fill' ? { ...each, update: this.ours(each.update) } : each));
  }

  connect(): Promise<void> {
    return this.inner.connect();
  }

  disconnect(): Promise<void> {
    return this.inner.disconnect();
  }

  selfCheck(): ReturnType<Broker['selfCheck']> {
    return this.inner.selfCheck();
  }

  account(): Promise<BrokerAccount> {
    return this.inner.account();
  }

  positions(): Promise<readonly BrokerPosition[]> {
    return this.inner.positions();
  }

  cancelAll(): Promise<void> {
    return this.inner.cancelAll();
  }

  closeAll(): Promise<void> {
    return this.inner.closeAll();
  }

  calendar(from: DateText, to: DateText): ReturnType<Broker['calendar']> {
    return this.inner.calendar(from, to);
  }

  clock(): Promise<EpochMs> {
    return this.inner.clock();
  }

  asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined> {
    return this.inner.asset(symbol);
  }

  lastPrice(symbol: TickerSymbol): Promise<Decimal | undefined> {
    return this.inner.lastPrice(symbol);
  }

  private theirs(ours: ClientOrderId): ClientOrderId {
    const known = this.there.get(ours);
    if (known !== undefined) return known;
    const theirs = this.rename(ours);
    this.there.set(ours, theirs);
    this.back.set(theirs, ours);
    return theirs;
  }

  /** What we never submitted, such as an order made by hand at the broker, keeps its name. */
  private ours<T extends { readonly clientOrderId: ClientOrderId }>(named: T): T {
    return { ...named, clientOrderId: this.back.get(named.clientOrderId) ?? named.clientOrderId };
  }

  private ourOrder(order: BrokerOrder): BrokerOrder {
    return { ...this.ours(order), updates: order.updates.map((update) => this.ours(update)) };
  }
}
