import { Decimal } from '../../kernel/decimal.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerFill, OrderRequest } from '../../ports/order-entry.js';
import type { ExchangeCore } from './core.js';
import { faultOf } from './faults.js';
import { charge } from './fees.js';
import { isFill, isOpen, remainingDollars, remainingShares, type SimOrder } from './order.js';
import { againstUs, faceAt, firstCross, type Face, type MinutePath } from './price-path.js';

interface Chance {
  readonly at: EpochMs;
  /** The market comes to a resting limit: it trades at its own price. */
  readonly resting: boolean;
}

const SHARE_SCALE = 6;
const OVERFILL_AFTER_MS = 50;

/** Finds when an order can trade in the running minute, at what price, and how much of it. */
export class Matcher {
  constructor(private readonly core: ExchangeCore) {}

  /** Plans the next attempt of an order in the running minute; it waits when there is none. */
  seek(order: SimOrder, from: EpochMs): void {
    if (order.planned || !isOpen(order)) return;
    const path = this.core.parts.market.path(order.request.symbol);
    if (path !== undefined && from >= path.end) return;
    const chance = path === undefined ? undefined : chanceOf(order, path, from);
    if (path === undefined || chance === undefined) {
      this.endIoc(order, from);
      return;
    }
    order.planned = true;
    this.core.plan(order, chance.at, 'attempt', (at) => {
      order.planned = false;
      if (isOpen(order)) this.attempt(order, at, { ...chance, minute: path.start });
    });
  }

  private attempt(order: SimOrder, at: EpochMs, chance: Chance & { readonly minute: EpochMs }): void {
    const path = at < this.core.session.closesAt ? this.core.parts.market.path(order.request.symbol) : undefined;
    if (path === undefined) {
      this.endIoc(order, at);
      return;
    }
    const market = order.request.orderType === 'market' || order.triggered;
    if (!market && path.start !== chance.minute) {
      this.seek(order, at);
      return;
    }
    if (order.request.orderType === 'stop' && !order.triggered) {
      order.triggered = true;
      this.seek(order, (at + this.core.draw(order, 1, 5, 'trigger')) as EpochMs);
      return;
    }
    this.trade(order, at, this.priceOf(order, path, at, chance.resting));
  }

  /** Best price less slippage, rounded against us; a limit is never exceeded. */
  private priceOf(order: SimOrder, path: MinutePath, at: EpochMs, resting: boolean): Decimal {
    const { side, limitPrice } = order.request;
    if (resting && limitPrice !== null) return limitPrice;
    const base = faceAt(path, at, side === 'buy' ? 'ask' : 'bid');
    const slip = (base * this.slippagePct(order)) / 100;
    const price = againstUs(side === 'buy' ? base + slip : base - slip, side);
    if (limitPrice === null) return price;
    return side === 'buy' ? Decimal.min(price, limitPrice) : Decimal.max(price, limitPrice);
  }

  private slippagePct(order: SimOrder): number {
    const { slippageType, slippageMeanPct: mean, slippageStddevPct: stddev } = this.core.parts.profile;
    if (slippageType === 'none') return 0;
    if (slippageType === 'rule_based') return mean;
    const normal = this.core.parts.random.normal(order.request.clientOrderId, 'slippage', order.executions);
    return Math.max(0, mean + stddev * normal);
  }

  private trade(order: SimOrder, at: EpochMs, price: Decimal): void {
    const wanted = this.wantedShares(order, price);
    if (wanted.sign() <= 0) {
      this.end(order, at, 'nothing is left to trade');
      return;
    }
    const { market } = this.core.parts;
    const liquidity = market.liquidity(order.request.symbol);
    const piece = Decimal.min(this.pieceOf(order, wanted), liquidity);
    const quantity = inLots(order, piece);
    if (quantity.sign() > 0) {
      market.take(order.request.symbol, quantity);
      this.execute(order, at, quantity, price);
    }
    this.goOn(order, at, { wanted, quantity, thin: liquidity.lte(quantity) });
  }

  private goOn(
    order: SimOrder,
    at: EpochMs,
    done: { readonly wanted: Decimal; readonly quantity: Decimal; readonly thin: boolean },
  ): void {
    if (!isOpen(order)) return;
    if (order.request.timeInForce === 'ioc') this.endIoc(order, at);
    else if (!done.thin && done.quantity.lt(done.wanted)) {
      this.seek(order, (at + this.core.draw(order, 100, 400, 'piece', order.executions)) as EpochMs);
    }
  }

  /** The remaining quantity at this price, never more than the position that it closes. */
  private wantedShares(order: SimOrder, price: Decimal): Decimal {
    const { symbol, positionEffect: effect } = order.request;
    const shares =
      remainingShares(order) ?? remainingDollars(order).divide(price, { scale: SHARE_SCALE, round: 'down' });
    if (effect !== 'close_long' && effect !== 'close_short') return shares;
    const held = this.core.account.quantity(symbol);
    const closable = effect === 'close_long' ? held : held.negated();
    return Decimal.min(shares, closable);
  }

  private pieceOf(order: SimOrder, wanted: Decimal): Decimal {
    const left = order.pieces - order.executions;
    if (left <= 1) return wanted;
    const piece = inLots(order, wanted.divide(Decimal.of(left), { scale: SHARE_SCALE, round: 'down' }));
    return piece.sign() > 0 ? piece : wanted;
  }

  /** One execution: money, shares and record at the account, then its update. */
  execute(order: SimOrder, at: EpochMs, quantity: Decimal, price: Decimal): void {
    const { side, symbol } = order.request;
    const charged = charge(order.charges, { side, quantity, price }, this.core.parts.profile);
    order.charges = charged.after;
    order.filled = order.filled.plus(quantity);
    order.executions += 1;
    if (isOpen(order) && isComplete(order, price)) order.status = 'filled';
    const fill: BrokerFill = {
      kind: 'filled',
      executionId: `${order.brokerOrderId}-${order.executions}`,
      symbol,
      side,
      quantity,
      price,
      commission: charged.commission.plus(this.core.smallCommissions.add(charged.uncharged)),
      fee: charged.fee,
      filledAt: at,
    };
    const update = this.core.report(order, { at, ...fill }, this.timesReported(order));
    if (isFill(update)) this.core.account.book(update);
    this.follow(order, at, fill);
  }

  private timesReported(order: SimOrder): number {
    const drop = faultOf(order.faults, 'drop_fill');
    if (drop !== undefined && (drop.execution ?? order.executions) === order.executions) return 0;
    return Math.max(1, faultOf(order.faults, 'duplicate_fill')?.times ?? 1);
  }

  /** The consequences of a fault for an execution. */
  private follow(order: SimOrder, at: EpochMs, fill: BrokerFill): void {
    const { core } = this;
    const number = order.executions;
    if (order.ackWithheld) {
      order.ackWithheld = false;
      core.plan(order, at + 1, 'late-ack', (now) => core.report(order, { at: now, kind: 'acknowledged' }));
    }
    const bust = faultOf(order.faults, 'bust');
    if (bust !== undefined && (bust.execution ?? number) === number) {
      core.plan(order, at + bust.afterMs, 'bust', (now) => this.bust(order, now, fill.executionId));
    }
    const rebook = faultOf(order.faults, 'rebook');
    if (rebook !== undefined && (rebook.execution ?? number) === number) {
      core.plan(order, at + rebook.afterMs, 'bust', (now) => {
        if (!this.bust(order, now, fill.executionId)) return;
        core.plan(order, now + 1, 'rebook', (later) => this.bookAgain(order, later, fill));
      });
    }
    const correct = faultOf(order.faults, 'correct');
    if (correct !== undefined && (correct.execution ?? number) === number) {
      const price = fill.price.plus(correct.priceChange);
      core.plan(order, at + correct.afterMs, 'correct', (now) => this.correct(order, now, fill, price));
    }
    const over = faultOf(order.faults, 'overfill');
    if (
      over !== undefined &&
      order.status === 'filled' &&
      order.filled.equals(order.request.quantity ?? order.filled.plus(Decimal.ONE))
    ) {
      core.plan(order, at + OVERFILL_AFTER_MS, 'overfill', (now) =>
        this.execute(order, now, over.quantity, fill.price),
      );
    }
  }

  /** False when the execution does not stand any more: a correction replaced it. */
  private bust(order: SimOrder, at: EpochMs, executionId: string): boolean {
    const taken = this.core.account.unbook(executionId);
    if (taken === undefined) return false;
    order.filled = order.filled.minus(taken.quantity);
    this.core.report(order, { at, kind: 'busted', executionId, reason: 'clearly erroneous execution' });
    return true;
  }

  private bookAgain(order: SimOrder, at: EpochMs, fill: BrokerFill): void {
    order.filled = order.filled.plus(fill.quantity);
    const again = { ...fill, commission: Decimal.ZERO, filledAt: at };
    const update = this.core.report(order, { at, ...again });
    if (isFill(update)) this.core.account.book(update);
  }

  /** Replaces the execution by one with another price and the same charges. */
  private correct(order: SimOrder, at: EpochMs, fill: BrokerFill, price: Decimal): void {
    if (this.core.account.unbook(fill.executionId) === undefined) return;
    const corrected = { ...fill, executionId: `${fill.executionId}-c1`, price };
    const update = this.core.report(order, {
      ...corrected,
      at,
      kind: 'corrected',
      correctsExecutionId: fill.executionId,
    });
    this.core.account.book({ ...update, ...corrected, at });
  }

  /** An immediate-or-cancel order does not wait. */
  private endIoc(order: SimOrder, at: EpochMs): void {
    if (order.request.timeInForce !== 'ioc') return;
    this.core.plan(order, at + 1, 'ioc', (now) => {
      if (isOpen(order)) this.end(order, now, 'immediate or cancel');
    });
  }

  private end(order: SimOrder, at: EpochMs, reason: string): void {
    order.status = 'cancelled';
    this.core.report(order, { at, kind: 'cancelled', filledQuantity: order.filled, reason });
  }
}

function isComplete(order: SimOrder, price: Decimal): boolean {
  const shares = remainingShares(order);
  if (shares !== undefined) return shares.sign() <= 0;
  return remainingDollars(order).divide(price, { scale: SHARE_SCALE, round: 'down' }).sign() <= 0;
}

/** Whole shares for an order in whole shares, millionths for the others; always down. */
function inLots(order: SimOrder, quantity: Decimal): Decimal {
  const asked = order.request.quantity;
  const whole = asked?.equals(asked.rounded(0, 'down')) ?? false;
  return quantity.rounded(whole ? 0 : SHARE_SCALE, 'down');
}

function chanceOf(order: SimOrder, path: MinutePath, from: EpochMs): Chance | undefined {
  const { request } = order;
  if (request.orderType === 'market' || order.triggered) return { at: from, resting: false };
  const watch = watchOf(request);
  const at = firstCross(path, from, watch.face, watch.test);
  if (at === undefined) return undefined;
  return { at, resting: request.orderType === 'limit' && at > from };
}

/** A limit waits for its side of the quote, a stop for trades. */
function watchOf(request: OrderRequest): {
  readonly face: Face;
  readonly test: { readonly level: number; readonly when: 'atOrBelow' | 'atOrAbove' };
} {
  const buys = request.side === 'buy';
  const level = (price: Decimal | null): number => (price ?? Decimal.ZERO).toApproximateNumber() * 10_000;
  return request.orderType === 'limit'
    ? { face: buys ? 'ask' : 'bid', test: { level: level(request.limitPrice), when: buys ? 'atOrBelow' : 'atOrAbove' } }
    : { face: 'mid', test: { level: level(request.stopPrice), when: buys ? 'atOrAbove' : 'atOrBelow' } };
}
