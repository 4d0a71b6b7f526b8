import { parseClientOrderId, type ClientOrderId, type TickerSymbol } from '../../events/names.js';
import type { MarketSlice } from '../../domain/market/types.js';
import { invariant } from '../../kernel/errors.js';
import { plusMs, type EpochMs } from '../../kernel/time.js';
import type { OrderRequest, OrderSide } from '../../ports/order-entry.js';
import type { VenueSession } from './venue.js';
import type { SimAccount } from './account.js';
import { holdPriceOf, refusalOf, type Refusal } from './admission.js';
import { ExchangeCore, type CoreParts } from './core.js';
import { faultOf, instantOf, type AccountFault, type OrderFault } from './faults.js';
import { Matcher } from './matching.js';
import { isOpen, newOrder, type SimOrder } from './order.js';
import { offWholeSecond } from './timing.js';

type Outside = Extract<AccountFault, { readonly kind: 'outside_order' | 'manual_close' }>;

/**
 * One session of the exchange: requests arrive after their latency, orders are accepted or refused, and trade along the
 * path of each minute. It is a function of the session, the minutes and the requests with their times.
 */
export class SimExchange {
  readonly core: ExchangeCore;
  private readonly matcher: Matcher;
  private openedUntil: EpochMs | undefined;

  constructor(parts: CoreParts, session: VenueSession, account: SimAccount, faults: readonly AccountFault[]) {
    this.core = new ExchangeCore(parts, session, account);
    this.matcher = new Matcher(this.core);
    parts.market.begin(session);
    faults.forEach((fault, index) => this.planFault(fault, index));
  }

  openMinute(slice: MarketSlice): void {
    this.runThrough(slice.start);
    this.core.parts.market.open(slice);
    this.openedUntil = slice.end;
    for (const order of this.core.openOrders()) {
      if (order.status !== 'working') continue;
      this.matcher.seek(order, plusMs(slice.start, this.core.draw(order, 1, 900, 'minute', slice.start)));
    }
  }

  /** Due inside the minutes opened so far. */
  nextAt(): EpochMs | undefined {
    const head = this.core.agenda.head();
    return head !== undefined && this.openedUntil !== undefined && head.at < this.openedUntil ? head.at : undefined;
  }

  /** The end of the minutes opened so far. */
  get horizon(): EpochMs {
    return this.openedUntil ?? this.core.session.opensAt;
  }

  /** Runs the next event. */
  step(): void {
    const next = this.core.agenda.take();
    invariant(next !== undefined, 'SIM_NOTHING_DUE', 'the exchange was stepped with nothing due');
    next.run(next.at);
  }

  runThrough(at: EpochMs): void {
    for (let next = this.core.agenda.head(); next !== undefined && next.at <= at; next = this.core.agenda.head()) {
      this.step();
    }
  }

  /** The broker has the order; it arrives at the exchange later. */
  place(request: OrderRequest, at: EpochMs, faults: readonly OrderFault[]): void {
    const slow = faultOf(faults, 'slow_ack')?.ms ?? 0;
    const arrivesAt = this.arrival(at, request.clientOrderId, 'submit') + slow;
    const order = newOrder(this.core.parts.accountId, request, { arrivesAt: (arrivesAt - 1) as EpochMs, faults });
    this.core.add(order);
    this.core.plan(order, arrivesAt, 'arrive', (now) => this.arrive(order, now));
  }

  cancel(clientOrderId: ClientOrderId, at: EpochMs): void {
    const order = this.core.orders.get(clientOrderId);
    if (order === undefined || !isOpen(order) || order.cancelling) return;
    order.cancelling = true;
    const arrivesAt = this.arrival(at, clientOrderId, 'cancel');
    this.core.plan(order, arrivesAt, 'cancel', (now) => this.cancelled(order, now, 'cancelled on request'));
  }

  /** The session is over: open orders expire, and later events (busts, corrections) happen. */
  end(): void {
    const { closesAt } = this.core.session;
    this.runThrough(closesAt);
    for (const order of [...this.core.openOrders()]) this.expire(order, offWholeSecond(closesAt));
    for (let left = this.core.agenda.head(); left !== undefined; left = this.core.agenda.head()) this.step();
    const small = this.core.smallCommissions.settle();
    if (small !== undefined) this.core.account.charge({ ...small, at: offWholeSecond(closesAt) });
  }

  private expire(order: SimOrder, at: EpochMs): void {
    order.lastAt = at;
    // It never reached the exchange: the answer is that the market is closed.
    if (order.status === 'accepted') this.refuse(order, at, { code: 'MARKET_CLOSED', message: 'the session is over' });
    else {
      order.status = 'expired';
      this.core.report(order, { at, kind: 'expired', filledQuantity: order.filled });
    }
  }

  /** A request from before the open arrives right after it. */
  private arrival(at: EpochMs, clientOrderId: ClientOrderId, what: string): number {
    const { profile, random } = this.core.parts;
    const jitter = random.between(0, profile.latencyJitterMs, clientOrderId, `latency/${what}`);
    return Math.max(at, this.core.session.opensAt) + Math.max(1, profile.latencyMs + jitter);
  }

  private arrive(order: SimOrder, at: EpochMs): void {
    if (!isOpen(order)) return;
    order.holdPrice = holdPriceOf(order.request, this.core.parts.market, at);
    const refusal = this.refusal(order, at);
    if (refusal === undefined) this.admit(order, at);
    else this.refuse(order, at, refusal);
  }

  private refusal(order: SimOrder, at: EpochMs): Refusal | undefined {
    const fault = faultOf(order.faults, 'reject');
    if (fault !== undefined) return { code: fault.code, message: fault.message };
    const { profile, market, random } = this.core.parts;
    if (random.uniform(order.request.clientOrderId, 'reject') < profile.rejectProbability) {
      return { code: 'BROKER_REJECTED', message: 'the order was refused by the venue' };
    }
    const { account, session } = this.core;
    return refusalOf(order, {
      account,
      market,
      profile,
      at,
      orders: this.core.openOrders(),
      closesAt: session.closesAt,
    });
  }

  private refuse(order: SimOrder, at: EpochMs, refusal: Refusal): void {
    order.status = 'rejected';
    this.core.report(order, { at, kind: 'rejected', ...refusal });
  }

  private admit(order: SimOrder, at: EpochMs): void {
    const { profile, random } = this.core.parts;
    order.status = 'working';
    const { clientOrderId, timeInForce, notional } = order.request;
    const mayBreak = timeInForce === 'day' && notional === null;
    if (mayBreak && random.uniform(clientOrderId, 'partial') < profile.partialFillProbability) {
      order.pieces = this.core.draw(order, 2, 3, 'pieces');
    }
    order.ackWithheld = faultOf(order.faults, 'fill_before_ack') !== undefined;
    if (!order.ackWithheld) {
      const dropped = faultOf(order.faults, 'drop_ack') !== undefined;
      this.core.report(order, { at, kind: 'acknowledged' }, dropped ? 0 : 1);
    }
    this.matcher.seek(order, plusMs(at, this.core.draw(order, 1, 5, 'first-attempt')));
  }

  private cancelled(order: SimOrder, at: EpochMs, reason: string): void {
    if (!isOpen(order)) return;
    const wanted = order.request.quantity?.minus(order.filled);
    order.status = 'cancelled';
    this.core.report(order, { at, kind: 'cancelled', filledQuantity: order.filled, reason });
    const late = faultOf(order.faults, 'fill_after_cancel');
    const mark = this.core.parts.market.mark(order.request.symbol, at);
    const price = order.request.limitPrice ?? mark;
    if (late === undefined || wanted === undefined || price === undefined) return;
    this.core.plan(order, at + late.afterMs, 'late-fill', (now) => this.matcher.execute(order, now, wanted, price));
  }

  private closeByMarket(symbol: TickerSymbol, at: EpochMs, label: string, reported: boolean): void {
    const held = this.core.account.quantity(symbol);
    if (held.isZero()) return;
    const long = held.sign() > 0;
    this.takeIn(
      {
        ...MARKET_DAY,
        clientOrderId: parseClientOrderId(`${label}-${symbol.replaceAll('.', '_')}`),
        symbol,
        side: long ? 'sell' : 'buy',
        positionEffect: long ? 'close_long' : 'close_short',
        quantity: held.abs(),
      },
      at,
      reported,
    );
  }

  /** An order that did not come through `submit`: no latency, no rules, no faults. */
  private takeIn(request: OrderRequest, at: EpochMs, reported: boolean): void {
    if (this.core.orders.has(request.clientOrderId)) return;
    const order = newOrder(this.core.parts.accountId, request, { arrivesAt: at, reported });
    this.core.add(order);
    order.holdPrice = holdPriceOf(request, this.core.parts.market, at);
    this.admit(order, at);
  }

  private planFault(fault: AccountFault, index: number): void {
    const { session, agenda, parts } = this.core;
    const key = `fault/${index.toString().padStart(3, '0')}`;
    const plan = (instant: Parameters<typeof instantOf>[0], run: (at: EpochMs) => void): void => {
      const at = offWholeSecond(instantOf(instant, session.opensAt));
      if (at > session.opensAt && at < session.closesAt) agenda.plan({ at, key, run });
    };
    if (fault.kind === 'disconnect') {
      plan(fault.from, (at) =>
        parts.sink.line({ at, state: 'disconnected', reason: 'connection lost' }, fault.refuses ?? 'orders'),
      );
      plan(fault.to, (at) => parts.sink.line({ at, state: 'connected', reason: 'connection restored' }, 'nothing'));
      return;
    }
    plan(fault.at, (at) => this.byHand(fault, at, index));
  }

  private byHand(fault: Outside, at: EpochMs, index: number): void {
    const day = this.core.session.date.replaceAll('-', '');
    const reported = fault.reported ?? false;
    if (fault.kind === 'manual_close') {
      this.closeByMarket(fault.symbol, at, `manual-${day}-${index}`, reported);
      return;
    }
    this.takeIn(
      {
        ...MARKET_DAY,
        clientOrderId: parseClientOrderId(`outside-${day}-${index}`),
        symbol: fault.symbol,
        side: fault.side,
        positionEffect: this.effectOf(fault.symbol, fault.side),
        quantity: fault.quantity,
        orderType: fault.limitPrice === undefined ? 'market' : 'limit',
        limitPrice: fault.limitPrice ?? null,
      },
      at,
      reported,
    );
  }

  private effectOf(symbol: TickerSymbol, side: OrderSide): OrderRequest['positionEffect'] {
    const sign = this.core.account.quantity(symbol).sign();
    if (side === 'buy') return sign < 0 ? 'close_short' : 'open_long';
    return sign > 0 ? 'close_long' : 'open_short';
  }
}

const MARKET_DAY = {
  notional: null,
  orderType: 'market',
  limitPrice: null,
  stopPrice: null,
  timeInForce: 'day',
} as const;
