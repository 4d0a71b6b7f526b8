import { isDeepStrictEqual } from 'node:util';
import { Subject } from 'rxjs';
import { priceToDecimal, type Price } from '../../../src/domain/market/types.js';
import type { ClientOrderId, TickerSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { invariant, TradeBotError } from '../../../src/kernel/errors.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import type { Clock } from '../../../src/kernel/time.js';
import type { BrokerPosition } from '../../../src/ports/account-queries.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { BrokerCapabilities } from '../../../src/ports/reference-data.js';
import type { BrokerStatus } from '../../../src/ports/broker-connection.js';
import type { BrokerFill, BrokerOrder, BrokerUpdate, OpenOrder, OrderRequest } from '../../../src/ports/order-entry.js';

/**
 * A broker that is no simulator: it has no market and no world. A market order is filled at once, at the last price that
 * it was given, and reported on the stream and to every later question.
 */
export class BareBroker implements Broker {
  readonly code = 'SIM';
  readonly capabilities: BrokerCapabilities = {
    ...{ fractional: false, notional: false, shortSell: true, nativeTrailingStop: false, options: false },
    ...{ nativeStop: false, bulkCancel: false, closeAll: false, replace: 'none', extendedHours: false },
    ...{ clientIdLength: 96, quantityDecimals: 0, orderCallsPerMinute: null },
  };
  readonly orderUpdates$ = new Subject<BrokerUpdate>();
  readonly status$ = new Subject<BrokerStatus>();
  readonly prices = new Map<TickerSymbol, Price>();
  readonly #orders = new Map<ClientOrderId, BrokerOrder & { readonly request: OrderRequest }>();
  clockOf: Clock | undefined;
  /** Symbols that it has never heard of, and those that it knows and does not trade. */
  readonly unknownSymbols = new Set<string>();
  readonly haltedAssets = new Set<string>();
  /** Open orders of another program. */
  othersOrders: readonly OpenOrder[] = [];
  cash = Decimal.parse('100000.00');

  get orders(): readonly OrderRequest[] {
    return [...this.#orders.values()].map(({ request }) => request);
  }

  submit(request: OrderRequest): Promise<void> {
    const id = request.clientOrderId;
    const known = this.#orders.get(id)?.request;
    if (known !== undefined && !isDeepStrictEqual(known, request)) return Promise.reject(idTaken(id));
    if (known !== undefined) return Promise.resolve();
    const price = this.prices.get(request.symbol);
    const quantity = request.quantity ?? undefined;
    invariant(price !== undefined && quantity !== undefined, 'BARE_ORDER', `${id} has no price or quantity`);
    const at = this.now();
    const common = { at, clientOrderId: id, brokerOrderId: `b-${id}`, rawSha256: sha256Hex(id) };
    const fill: BrokerUpdate = {
      ...common,
      kind: 'filled',
      executionId: `e-${id}`,
      ...{ symbol: request.symbol, side: request.side, quantity, price: priceToDecimal(price) },
      ...{ commission: Decimal.ZERO, fee: Decimal.ZERO, filledAt: at },
    };
    const updates: readonly BrokerUpdate[] = [{ ...common, kind: 'acknowledged' }, fill];
    const order = { clientOrderId: id, brokerOrderId: `b-${id}`, filledQuantity: quantity, updates, request };
    this.#orders.set(id, { ...order, status: 'filled' });
    const amount = priceToDecimal(price).times(quantity).rounded(2, 'halfEven');
    this.cash = request.side === 'buy' ? this.cash.minus(amount) : this.cash.plus(amount);
    for (const update of updates) this.orderUpdates$.next(update);
    return Promise.resolve();
  }

  /** One more report on an order of ours. */
  protected report(id: ClientOrderId, make: (filled: BrokerUpdate & BrokerFill) => BrokerUpdate): void {
    const order = this.#orders.get(id);
    const fill = order?.updates.find((each) => each.kind === 'filled');
    invariant(order !== undefined && fill?.kind === 'filled', 'BARE_ORDER', `${id} has not traded`);
    const update = make(fill);
    this.#orders.set(id, { ...order, updates: [...order.updates, update] });
    this.orderUpdates$.next(update);
  }

  /** The fill of an order of ours is another one from now on, for who asks. */
  protected amend(id: ClientOrderId, changes: Partial<BrokerFill>): void {
    const order = this.#orders.get(id);
    invariant(order !== undefined, 'BARE_ORDER', `${id} was never sent`);
    const updates = order.updates.map((each) => (each.kind === 'filled' ? { ...each, ...changes } : each));
    this.#orders.set(id, { ...order, updates });
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }

  orderByClientId(id: ClientOrderId): Promise<BrokerOrder | undefined> {
    return Promise.resolve(this.#orders.get(id));
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    return Promise.resolve(this.othersOrders);
  }

  account(): ReturnType<Broker['account']> {
    const held = this.held().map(({ symbol, quantity }) => quantity.times(priceToDecimal(this.prices.get(symbol)!)));
    const equity = this.cash.plus(Decimal.sum(held)).rounded(2, 'halfEven');
    return Promise.resolve({ accountId: 'BARE', cash: this.cash, buyingPower: this.cash, equity });
  }

  positions(): Promise<readonly BrokerPosition[]> {
    return Promise.resolve(this.held());
  }

  activities(): ReturnType<Broker['activities']> {
    return Promise.resolve([]);
  }

  asset(symbol: TickerSymbol): ReturnType<Broker['asset']> {
    if (this.unknownSymbols.has(symbol)) return Promise.resolve(undefined);
    const terms = {
      tradable: !this.haltedAssets.has(symbol),
      fractionable: false,
      shortable: true,
      minQuantity: Decimal.ONE,
    };
    return Promise.resolve({ symbol, ...terms });
  }

  clock(): ReturnType<Broker['clock']> {
    return Promise.resolve(this.now());
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    return Promise.resolve();
  }

  selfCheck(): ReturnType<Broker['selfCheck']> {
    return Promise.resolve([]);
  }

  private now(): ReturnType<Clock['now']> {
    invariant(this.clockOf !== undefined, 'BARE_CLOCK', 'the broker has no clock');
    return this.clockOf.now();
  }

  private held(): BrokerPosition[] {
    const sums = new Map<TickerSymbol, Decimal>();
    for (const { symbol, side, quantity } of this.orders) {
      const signed = side === 'buy' ? (quantity ?? Decimal.ZERO) : (quantity ?? Decimal.ZERO).negated();
      sums.set(symbol, (sums.get(symbol) ?? Decimal.ZERO).plus(signed));
    }
    const open = [...sums].filter(([, quantity]) => !quantity.isZero());
    return open.map(([symbol, quantity]) => ({ symbol, quantity, averagePrice: Decimal.ONE }));
  }
}

function idTaken(id: ClientOrderId): TradeBotError {
  return new TradeBotError('BrokerError', 'refuse', {
    code: 'DUPLICATE_CLIENT_ORDER_ID',
    message: `order ${id} is known with another content`,
    remedy: 'Give each order an id of its own.',
  });
}
