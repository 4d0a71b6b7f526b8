import { Decimal } from '../../kernel/decimal.js';
import type { EpochMs } from '../../kernel/time.js';
import { isOnTick } from '../../domain/market/tick.js';
import type { OrderRequest, OrderSide, PositionEffect } from '../../ports/order-entry.js';
import type { TickerSymbol } from '../../events/names.js';
import type { SimAccount } from './account.js';
import type { SimMarket } from './market.js';
import { isOpen, remainingDollars, remainingShares, type SimOrder } from './order.js';
import { faceAt } from './price-path.js';
import type { SimProfile } from './profile.js';

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** The input of the rules: the account, the market, and the working orders. */
export interface AdmissionView {
  readonly account: SimAccount;
  readonly market: SimMarket;
  readonly profile: SimProfile;
  readonly orders: Iterable<SimOrder>;
  readonly at: EpochMs;
  readonly closesAt: EpochMs;
}

/** A price may move before a market order is done: the hold is this multiple of the ask. */
const MARKET_HOLD = Decimal.parse('1.01');
const SIDE_OF: Readonly<Record<PositionEffect, OrderSide>> = {
  open_long: 'buy',
  close_long: 'sell',
  open_short: 'sell',
  close_short: 'buy',
};

type Rule = (order: SimOrder, view: AdmissionView) => Refusal | undefined;

/** In this order; the first refusal counts. */
const RULES: readonly Rule[] = [
  marketOpen,
  knownSymbol,
  notHalted,
  precision,
  priceOnTick,
  effectFits,
  borrowable,
  coversPosition,
  affordable,
];

/** Why the exchange refuses the order (TRD-61); undefined when it accepts it. */
export function refusalOf(order: SimOrder, view: AdmissionView): Refusal | undefined {
  for (const rule of RULES) {
    const refusal = rule(order, view);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function marketOpen(_order: SimOrder, view: AdmissionView): Refusal | undefined {
  return view.at < view.closesAt ? undefined : { code: 'MARKET_CLOSED', message: 'the session is over' };
}

function knownSymbol({ request }: SimOrder, view: AdmissionView): Refusal | undefined {
  if (!view.market.isListed(request.symbol)) {
    return { code: 'UNKNOWN_SYMBOL', message: `${request.symbol} is not listed here` };
  }
  return view.profile.untradable.includes(request.symbol)
    ? { code: 'NOT_TRADABLE', message: `${request.symbol} is not tradable` }
    : undefined;
}

function notHalted({ request }: SimOrder, view: AdmissionView): Refusal | undefined {
  return view.market.isHalted(request.symbol) && !view.market.hasTraded(request.symbol)
    ? { code: 'SYMBOL_HALTED', message: `${request.symbol} is halted and has not opened today` }
    : undefined;
}

function decimalsOf(value: Decimal): number {
  const text = value.shortText();
  const point = text.indexOf('.');
  return point === -1 ? 0 : text.length - point - 1;
}

export function isFractionable(symbol: TickerSymbol, profile: SimProfile): boolean {
  return profile.fractional && !profile.notFractionable.includes(symbol);
}

/** Rule 612: an exchange takes no limit or stop between its ticks. */
function priceOnTick({ request }: SimOrder): Refusal | undefined {
  const { limitPrice, stopPrice } = request;
  for (const price of [limitPrice, stopPrice]) {
    if (price === null || isOnTick(price)) continue;
    const valid = price.lt(Decimal.ONE) ? 'hundredths of a cent below one dollar' : 'whole cents from one dollar on';
    return { code: 'PRICE_INCREMENT', message: `price ${price.text()} is between two ticks: use ${valid}` };
  }
  return undefined;
}

function precision({ request }: SimOrder, view: AdmissionView): Refusal | undefined {
  const { quantity, notional, symbol } = request;
  const fractional = notional !== null || (quantity !== null && decimalsOf(quantity) > 0);
  if (quantity !== null && decimalsOf(quantity) > 6) {
    return { code: 'QUANTITY_PRECISION', message: `quantity ${quantity.text()} has more than 6 decimals` };
  }
  if (notional !== null && decimalsOf(notional) > 2) {
    return { code: 'NOTIONAL_PRECISION', message: `notional ${notional.text()} has more than 2 decimals` };
  }
  if (fractional && !isFractionable(symbol, view.profile)) {
    return { code: 'FRACTIONAL_NOT_SUPPORTED', message: `${symbol} trades in whole shares` };
  }
  return fractional && request.positionEffect === 'open_short'
    ? { code: 'FRACTIONAL_SHORT', message: 'fractions of a share are not sold short' }
    : undefined;
}

function effectFits({ request }: SimOrder, view: AdmissionView): Refusal | undefined {
  const { symbol, side, positionEffect: effect } = request;
  if (SIDE_OF[effect] !== side) return { code: 'BAD_POSITION_EFFECT', message: `a ${side} cannot ${effect}` };
  const sign = view.account.quantity(symbol).sign();
  const opposite = (effect === 'open_long' && sign < 0) || (effect === 'open_short' && sign > 0);
  return opposite
    ? { code: 'OPPOSITE_POSITION', message: `${symbol} is held the other way round: close it first` }
    : undefined;
}

export function isShortable(symbol: TickerSymbol, profile: SimProfile): boolean {
  return profile.shortSell && !profile.hardToBorrow.includes(symbol);
}

function borrowable({ request }: SimOrder, view: AdmissionView): Refusal | undefined {
  return request.positionEffect === 'open_short' && !isShortable(request.symbol, view.profile)
    ? { code: 'NOT_SHORTABLE', message: `${request.symbol} cannot be borrowed` }
    : undefined;
}

/** A close never takes more than the position less other working closes: no order crosses zero. */
function coversPosition(order: SimOrder, view: AdmissionView): Refusal | undefined {
  const { symbol, positionEffect: effect, quantity } = order.request;
  if (effect !== 'close_long' && effect !== 'close_short') return undefined;
  const held = view.account.quantity(symbol);
  const fits = effect === 'close_long' ? held.sign() > 0 : held.sign() < 0;
  let free = fits ? held.abs() : Decimal.ZERO;
  for (const other of view.orders) {
    if (other === order || other.status !== 'working') continue;
    if (other.request.symbol !== symbol || other.request.positionEffect !== effect) continue;
    free = free.minus(remainingShares(other) ?? Decimal.ZERO);
  }
  const wanted = quantity ?? Decimal.ZERO;
  return free.sign() <= 0 || wanted.gt(free)
    ? { code: 'INSUFFICIENT_POSITION', message: `${free.text()} of ${symbol} can be closed, ${wanted.text()} asked` }
    : undefined;
}

function affordable(order: SimOrder, view: AdmissionView): Refusal | undefined {
  if (order.request.positionEffect.startsWith('close')) return undefined;
  const needed = heldFor(order, view.profile).plus(view.profile.commission.minimum);
  const free = freeCash(view);
  return needed.gt(free)
    ? {
        code: 'INSUFFICIENT_BUYING_POWER',
        message: `${needed.rounded(2, 'ceil').text()} needed, ${free.rounded(2, 'floor').text()} free`,
      }
    : undefined;
}

/** Dollars per share that an order holds: its limit, or slightly more than its price now. */
export function holdPriceOf(request: OrderRequest, market: SimMarket, at: EpochMs): Decimal {
  if (request.limitPrice !== null) return request.limitPrice;
  const path = market.path(request.symbol);
  const now = path === undefined ? market.mark(request.symbol, at) : Decimal.of(Math.ceil(faceAt(path, at, 'ask')), 4);
  return Decimal.max(request.stopPrice ?? Decimal.ZERO, now ?? Decimal.ZERO).times(MARKET_HOLD);
}

/** Cash that an entry reserves while it works: all of a buy, the part of a short beyond its own proceeds. */
function heldFor(order: SimOrder, profile: SimProfile): Decimal {
  const effect = order.request.positionEffect;
  if (effect !== 'open_long' && effect !== 'open_short') return Decimal.ZERO;
  const shares = remainingShares(order);
  const dollars = shares === undefined ? remainingDollars(order) : shares.times(order.holdPrice);
  return effect === 'open_long' ? dollars : dollars.times(profile.shortReserve.minus(Decimal.ONE));
}

/**
 * Cash less what working entries hold, less `shortReserve` per dollar of shorts: the proceeds of a short are in the cash
 * already, so a new short needs the half of its value as cover (Regulation T's 150 %).
 */
export function freeCash(view: Omit<AdmissionView, 'closesAt'>): Decimal {
  let free = view.account.cash;
  for (const order of view.orders) {
    if (isOpen(order) && order.status === 'working') free = free.minus(heldFor(order, view.profile));
  }
  for (const { symbol, quantity, averagePrice } of view.account.positions()) {
    if (quantity.sign() >= 0) continue;
    const mark = view.market.mark(symbol, view.at) ?? averagePrice;
    free = free.minus(quantity.abs().times(mark).times(view.profile.shortReserve));
  }
  return free;
}
