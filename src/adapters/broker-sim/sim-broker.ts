import type { Observable } from 'rxjs';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import type { MarketSlice } from '../../domain/market/types.js';
import { Decimal } from '../../kernel/decimal.js';
import { invariant, unreachable } from '../../kernel/errors.js';
import { epochMs, type Clock, type EpochMs } from '../../kernel/time.js';
import type { BrokerAccount, BrokerActivity, BrokerPosition } from '../../ports/account-queries.js';
import type { Broker } from '../../ports/broker.js';
import type { BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerOrder, BrokerUpdate, OpenOrder, OrderRequest } from '../../ports/order-entry.js';
import type { BrokerAsset, BrokerCapabilities } from '../../ports/reference-data.js';
import type { CashTransfer } from '../../ports/stepped-world.js';
import { openingSnapshot } from './account.js';
import { freeCash, isFractionable, isShortable } from './admission.js';
import { SimExchange } from './exchange.js';
import { FaultBook, faultOf, isAccountFault, type AccountFault, type OrderFault, type SimFault } from './faults.js';
import { SimConnection } from './sim-connection.js';
import { SimMarket } from './market.js';
import { brokerOrderOf, isOpen, openOrderOf } from './order.js';
import { checkShape, sameOrder } from './order-shape.js';
import type { SimProfile } from './profile.js';
import { KeyedRandom } from './random.js';
import { BrokerRecords } from './records.js';
import { noAnswer, refused } from './refusals.js';
import { RequestLog } from './request-log.js';
import type { SimulatedVenue, VenueSession } from './venue.js';
import type { ActivityChoice, SimRequest, SimStore } from './store.js';

export interface SimBrokerOptions {
  readonly accountId: string;
  readonly clock: Clock;
  readonly seed: number;
  /** The initial cash of an account with an empty store; afterwards the store counts. */
  readonly openingCash: Decimal;
  readonly openingPositions?: readonly BrokerPosition[];
  readonly profile: SimProfile;
  readonly store: SimStore;
  readonly faults?: readonly SimFault[];
}

interface OpenSession {
  readonly venue: VenueSession;
  readonly exchange: SimExchange;
  readonly log: RequestLog;
}

const LAST_INSTANT = epochMs(Number.MAX_SAFE_INTEGER);

/**
 * The simulated broker (TRD-60, TRD-61): an exchange with its own account, deterministic by seed, driven by the virtual
 * clock. It is the counterparty: nothing here knows the journal or the ledger.
 */
export class SimBroker implements Broker, SimulatedVenue {
  readonly code = 'SIM';
  readonly capabilities: BrokerCapabilities;
  readonly orderUpdates$: Observable<BrokerUpdate>;
  readonly status$: Observable<BrokerStatus>;
  private readonly connection = new SimConnection();
  private readonly market: SimMarket;
  private readonly faultBook: FaultBook;
  private readonly records: BrokerRecords;
  /** The running session, or the last one of this process. */
  private current: OpenSession | undefined;
  private running = false;

  /** @throws ConfigError SIM_STORE_FOREIGN when the store belongs to another account. */
  constructor(private readonly options: SimBrokerOptions) {
    const { accountId, profile, store, openingCash, openingPositions = [] } = options;
    this.records = new BrokerRecords(store, accountId, openingSnapshot(openingCash, openingPositions));
    this.market = new SimMarket(profile);
    this.faultBook = new FaultBook(
      (options.faults ?? []).filter((fault): fault is OrderFault => !isAccountFault(fault)),
    );
    this.orderUpdates$ = this.connection.updates$.asObservable();
    this.status$ = this.connection.status$.asObservable();
    this.capabilities = {
      fractional: profile.fractional,
      notional: profile.fractional,
      shortSell: profile.shortSell,
      nativeStop: profile.nativeStop,
      nativeTrailingStop: false,
      options: false,
      bulkCancel: false,
      closeAll: false,
      replace: 'none',
      extendedHours: false,
      clientIdLength: 96,
      quantityDecimals: profile.fractional ? 6 : 0,
      orderCallsPerMinute: null,
      findableAfterMs: 0,
    };
  }

  // The venue: driven by the loop of the virtual clock.

  /** @throws BrokerError SIM_DAY_PAST, SIM_DAY_UNFINISHED (refuse) */
  openSession(session: VenueSession): void {
    invariant(!this.running, 'SIM_SESSION_OPEN', `a session is already open, so ${session.date} cannot be opened`);
    const { accountId, profile, seed, store, faults = [] } = this.options;
    const account = this.records.openDay(session.date);
    this.faultBook.begin();
    this.connection.restore();
    const parts = { accountId, profile, random: new KeyedRandom(seed), market: this.market, sink: this.connection };
    const accountFaults = faults.filter((fault): fault is AccountFault => isAccountFault(fault));
    const exchange = new SimExchange(parts, session, account, accountFaults);
    this.current = { venue: session, exchange, log: new RequestLog(store, session.date) };
    this.running = true;
  }

  openMinute(slice: MarketSlice): void {
    const { exchange } = this.session();
    this.runTo(slice.start);
    exchange.openMinute(slice);
    this.connection.flush();
  }

  nextAt(): EpochMs | undefined {
    if (!this.running) return undefined;
    const { exchange } = this.session();
    this.takeInAgain(epochMs(exchange.horizon - 1));
    return exchange.nextAt();
  }

  advanceTo(at: EpochMs): void {
    this.runTo(at);
    this.connection.flush();
  }

  closeSession(): void {
    const { exchange, log, venue } = this.session();
    this.runTo(venue.closesAt);
    exchange.end();
    this.takeInAgain(LAST_INSTANT);
    this.running = false;
    const orders = [...exchange.core.orders.values()];
    this.records.closeDay(
      log.date,
      orders.map((order) => ({ request: order.request, order: brokerOrderOf(order) })),
    );
    this.connection.flush();
  }

  /** @throws BrokerError INVALID_TRANSFER, DUPLICATE_TRANSFER, INSUFFICIENT_CASH, SIM_DAY_UNFINISHED (refuse) */
  transferCash(transfer: CashTransfer): void {
    this.catchUp();
    const waiting = this.current?.log.waitingTransfer(transfer.reference);
    if (this.records.knowsTransfer(transfer, waiting)) return;
    this.records.checkTransfer(transfer);
    const request = { kind: 'transfer', at: this.options.clock.now(), ...transfer } as const;
    if (this.running) this.request(request);
    else this.records.transferBetweenSessions(request);
  }

  // The broker: what the bot sees.

  connect(): Promise<void> {
    return this.answer(() => this.connection.setConnected(true, this.options.clock.now()));
  }

  disconnect(): Promise<void> {
    return this.answer(() => this.connection.setConnected(false, this.options.clock.now()));
  }

  selfCheck(): ReturnType<Broker['selfCheck']> {
    return this.answer(() => {
      const { latencyMs, maxParticipation } = this.options.profile;
      const ok = latencyMs >= 1 && maxParticipation > 0;
      const cause = ok ? '' : `latencyMs ${latencyMs} or maxParticipation ${maxParticipation} allows no order to trade`;
      return [
        { name: 'broker.sim', ok, cause, remedy: ok ? '' : 'Set latency to 1 ms or more, participation above 0.' },
      ];
    });
  }

  submit(order: OrderRequest): Promise<void> {
    return this.answer(() => {
      this.connection.check('order');
      checkShape(order);
      this.catchUp();
      const at = this.options.clock.now();
      if (this.knowsOrder(order)) return;
      const { log, exchange, venue } = this.session();
      if (at >= venue.closesAt) throw refused('MARKET_CLOSED', `the session of ${venue.date} is over`);
      if (log.wasLost(order.clientOrderId, at)) throw noAnswer(order.clientOrderId);
      const faults = this.faultBook.draw(order, venue.date);
      const lost = faultOf(faults, 'submit_timeout_lost') !== undefined;
      log.add({ kind: lost ? 'lost_submit' : 'submit', at, order });
      if (!lost) exchange.place(order, at, faults);
      if (lost || faultOf(faults, 'submit_timeout_accepted') !== undefined) throw noAnswer(order.clientOrderId);
    });
  }

  cancel(clientOrderId: ClientOrderId): Promise<void> {
    return this.answer(() => {
      this.connection.check('order');
      this.catchUp();
      const order = this.current?.exchange.core.orders.get(clientOrderId);
      if (order === undefined && this.records.filedOrder(clientOrderId) === undefined) {
        throw refused('UNKNOWN_ORDER', `there is no order ${clientOrderId} to cancel`);
      }
      if (order === undefined || !this.running || !isOpen(order) || order.cancelling) return;
      this.request({ kind: 'cancel', at: this.options.clock.now(), clientOrderId });
    });
  }

  orderByClientId(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined> {
    return this.query(() => {
      const order = this.current?.exchange.core.orders.get(clientOrderId);
      if (order !== undefined) return brokerOrderOf(order);
      return this.records.filedOrder(clientOrderId)?.order;
    });
  }

  account(): Promise<BrokerAccount> {
    return this.query(() => {
      const at = this.options.clock.now();
      const held = this.records.account.positions().map(({ symbol, quantity, averagePrice }) => {
        // Between sessions at cost: the result must not depend on what this process saw of the previous day.
        const mark = this.running ? this.market.mark(symbol, at) : undefined;
        return quantity.times(mark ?? averagePrice);
      });
      const free = freeCash({
        account: this.records.account,
        market: this.market,
        profile: this.options.profile,
        orders: this.current?.exchange.core.openOrders() ?? [],
        at,
      });
      return {
        accountId: this.options.accountId,
        cash: this.records.account.cash,
        buyingPower: Decimal.max(Decimal.ZERO, free).rounded(2, 'floor'),
        equity: this.records.account.cash.plus(Decimal.sum(held)).rounded(2, 'halfEven'),
      };
    });
  }

  positions(): Promise<readonly BrokerPosition[]> {
    return this.query(() => this.records.account.positions());
  }

  position(symbol: TickerSymbol): Promise<BrokerPosition | undefined> {
    return this.query(() => this.records.account.positions().find((one) => one.symbol === symbol));
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    return this.query(() => {
      if (!this.running || this.current === undefined) return [];
      return [...this.current.exchange.core.openOrders()].map(openOrderOf);
    });
  }

  activities(after: string | null, limit: number, which: ActivityChoice = 'all'): Promise<readonly BrokerActivity[]> {
    return this.query(() => this.records.activities(after, limit, which));
  }

  clock(): Promise<EpochMs> {
    return this.query(() => this.options.clock.now());
  }

  asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined> {
    return this.query(() => {
      if (!this.market.isListed(symbol)) return undefined;
      const { profile } = this.options;
      const fractionable = isFractionable(symbol, profile);
      return {
        symbol,
        tradable: !profile.untradable.includes(symbol),
        fractionable,
        shortable: isShortable(symbol, profile),
        minQuantity: fractionable ? Decimal.of(1, 6) : Decimal.ONE,
      };
    });
  }

  // Requests: durable first, then processed; processed again after a crash.

  private request(request: SimRequest): void {
    this.session().log.add(request);
    this.takeIn(request);
  }

  private takeIn(request: SimRequest): void {
    const { exchange, venue } = this.session();
    switch (request.kind) {
      case 'submit':
        exchange.place(request.order, request.at, this.faultBook.draw(request.order, venue.date));
        return;
      case 'lost_submit':
        this.faultBook.draw(request.order, venue.date);
        return;
      case 'cancel':
        exchange.cancel(request.clientOrderId, request.at);
        return;
      case 'transfer':
        this.records.account.transfer(request);
        return;
      default:
        unreachable(request, 'the simulated broker');
    }
  }

  /** Requests of an earlier process, up to `limit`, each after all events up to its time. */
  private takeInAgain(limit: EpochMs): void {
    const { exchange, log } = this.session();
    for (let at = log.nextAt(); at !== undefined && at <= limit; at = log.nextAt()) {
      const head = exchange.core.agenda.head();
      if (head !== undefined && head.at <= at) return;
      const request = log.takeNext();
      if (request !== undefined) this.takeIn(request);
    }
  }

  private runTo(at: EpochMs): void {
    const { exchange } = this.session();
    for (;;) {
      this.takeInAgain(at);
      const next = exchange.nextAt();
      if (next === undefined || next > at) return;
      exchange.step();
    }
  }

  private catchUp(): void {
    if (this.running) this.takeInAgain(this.options.clock.now());
  }

  /** True when it is known with the same content. @throws BrokerError DUPLICATE_CLIENT_ORDER_ID (refuse) */
  private knowsOrder(order: OrderRequest): boolean {
    const id = order.clientOrderId;
    const known =
      this.current?.exchange.core.orders.get(id)?.request ??
      this.current?.log.waitingOrder(id) ??
      this.records.filedOrder(id)?.request;
    if (known === undefined) return false;
    if (sameOrder(known, order)) return true;
    throw refused('DUPLICATE_CLIENT_ORDER_ID', `order ${id} is known with another content`);
  }

  private session(): OpenSession {
    if (this.current === undefined || !this.running) {
      throw refused('MARKET_CLOSED', 'no session is open at the simulated broker');
    }
    return this.current;
  }

  private query<T>(ask: () => T): Promise<T> {
    return this.answer(() => {
      this.connection.check('query');
      this.catchUp();
      return ask();
    });
  }

  /** Answers and refuses like a remote broker: through the promise. */
  private answer<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      resolve(work());
    });
  }
}
