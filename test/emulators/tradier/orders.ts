import { exchangeDateOf, sessionOf } from '../../../src/domain/calendar/nyse.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { MINUTE_MS, type EpochMs } from '../../../src/kernel/time.js';
import { averagePrice, hasEnded, type EmulatedExchange } from '../exchange/exchange.js';
import { Refusal, type EmulatedOrder, type OrderAsk } from '../exchange/types.js';
import { list, num, ok, plain, refusals, type NothingStyle, type WireAnswer } from './wire.js';

export type Form = Readonly<Record<string, string>>;

/** Ids of orders begin here. */
const FIRST_ID = 228_000;
const DURATIONS: readonly string[] = ['day', 'gtc', 'pre', 'post'];
const SIDES: Readonly<Record<string, 'buy' | 'sell'>> = {
  ...{ buy: 'buy', buy_to_cover: 'buy', sell: 'sell', sell_short: 'sell' },
};
const STATUS: Readonly<Record<EmulatedOrder['state'], string>> = {
  ...{ pending: 'pending', held: 'held', open: 'open', partially_filled: 'partially_filled', cancel_pending: 'open' },
  ...{ filled: 'filled', cancelled: 'canceled', rejected: 'rejected', expired: 'expired', replaced: 'canceled' },
};

export interface OrderRoutesOptions {
  readonly exchange: EmulatedExchange;
  readonly accountNumber: string;
  readonly accountType: () => string;
}

/** Orders of the wire: forms in, lists and details out. */
export class OrderRoutes {
  /** Orders that lists do not show, by the number of lists that are left; the detail shows them unless it is in `unknown`. */
  readonly hidden = new Map<string, number>();
  /** Orders whose own address answers that they do not exist. */
  readonly unknown = new Set<string>();
  /** Multi-leg orders and others that the exchange does not know. */
  readonly strangers: Record<string, unknown>[] = [];
  /** Fills of these orders show in no answer. */
  readonly lateFills = new Set<string>();
  /** Status words of orders in place of the usual ones. */
  readonly statusWords = new Map<string, string>();
  /** Whether a refusal of the exchange comes with the answer, or makes an order that is rejected later. */
  refusesLater = true;
  /** Digits of averages. */
  averageScale = 6;

  constructor(private readonly options: OrderRoutesOptions) {}

  wireId(order: EmulatedOrder): string {
    return String(FIRST_ID + Number(order.id));
  }

  place(form: Form): WireAnswer {
    const fault = this.#formFault(form);
    if (fault !== undefined) return fault;
    const ask = askOf(form);
    if (ask === undefined) return plain(400, 'Invalid parameter, side: is invalid.');
    if (form['preview'] === 'true') return ok({ order: { status: 'ok', result: true } });
    const refused = this.#refusal(ask, form['side'] ?? '');
    if (refused === undefined) {
      try {
        return this.#received(this.options.exchange.place(ask));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return this.#refuse(ask, codeOf(error));
      }
    }
    return this.#refuse(ask, refused);
  }

  change(id: string, form: Form): WireAnswer {
    const order = this.#byWireId(id);
    if (order === undefined) return this.#unauthorized();
    if (hasEnded(order)) return plain(400, `order already in finalized state: ${STATUS[order.state]}`);
    if (form['quantity'] !== undefined) return plain(400, 'Invalid parameter, quantity: cannot be changed.');
    const price = (name: string, now: Decimal | null): Decimal | null => {
      const text = form[name];
      return text === undefined ? now : Decimal.parse(text);
    };
    const { limitPrice, stopPrice } = order;
    this.options.exchange.change(order.id, {
      limitPrice: price('price', limitPrice),
      stopPrice: price('stop', stopPrice),
    });
    return this.#received(order);
  }

  cancel(id: string): WireAnswer {
    const order = this.#byWireId(id);
    if (order === undefined) return this.#unauthorized();
    if (hasEnded(order)) return plain(400, `order already in finalized state: ${STATUS[order.state]}`);
    this.options.exchange.cancel(order.id);
    return this.#received(order);
  }

  /** Orders of today and older ones that are open, newest first. */
  list(withTags: boolean, nothing: NothingStyle, decorate: (order: object) => object): WireAnswer {
    const { exchange } = this.options;
    const today = exchangeDateOf(exchange.now());
    const shown = [...exchange.orders.values()].filter((order) => {
      if (exchangeDateOf(order.createdAt) !== today && hasEnded(order)) return false;
      const left = this.hidden.get(order.id) ?? 0;
      if (left > 0) this.hidden.set(order.id, left - 1);
      return left === 0;
    });
    const rows = shown.reverse().map((order) => decorate(this.row(order, withTags)));
    return ok(list('orders', 'order', [...rows, ...this.strangers], nothing));
  }

  detail(id: string, withTags: boolean, decorate: (order: object) => object): WireAnswer {
    const order = this.#byWireId(id);
    if (order === undefined || this.unknown.has(order.id)) return this.#unauthorized();
    const isPurged = exchangeDateOf(order.createdAt) !== exchangeDateOf(this.options.exchange.now()) && hasEnded(order);
    return isPurged ? this.#unauthorized() : ok({ order: decorate(this.row(order, withTags)) });
  }

  row(order: EmulatedOrder, withTags: boolean): Record<string, unknown> {
    const { ask } = order;
    const late = this.lateFills.has(order.id);
    const filled = late ? Decimal.ZERO : order.filled;
    const last = late ? undefined : order.executions.at(-1);
    const average = late ? null : averagePrice(order);
    const state = late && order.state === 'filled' ? 'open' : order.state;
    return {
      id: num(Number(this.wireId(order))),
      ...{ class: 'equity', type: ask.type, symbol: ask.symbol, side: ask.extra?.['side'] ?? ask.side },
      quantity: num(order.quantity ?? Decimal.ZERO),
      status: this.statusWords.get(order.id) ?? STATUS[state],
      duration: ask.timeInForce,
      ...(order.limitPrice === null ? {} : { price: num(order.limitPrice) }),
      ...(order.stopPrice === null ? {} : { stop_price: num(order.stopPrice) }),
      avg_fill_price: num(average?.rounded(this.averageScale, 'halfEven') ?? Decimal.ZERO),
      exec_quantity: num(filled),
      last_fill_price: num(last?.price ?? Decimal.ZERO),
      last_fill_quantity: num(last?.quantity ?? Decimal.ZERO),
      remaining_quantity: num(hasEnded({ state }) ? Decimal.ZERO : (order.quantity ?? Decimal.ZERO).minus(filled)),
      create_date: new Date(order.createdAt).toISOString(),
      transaction_date: new Date(late ? order.createdAt : order.updatedAt).toISOString(),
      ...(order.reason === '' ? {} : { reason_description: order.reason }),
      ...(withTags && ask.clientId !== '' ? { tag: ask.clientId } : {}),
    };
  }

  #received(order: EmulatedOrder): WireAnswer {
    return ok({
      order: { id: num(Number(this.wireId(order))), status: 'ok', partner_id: '3a8bbee1-5184-4ffe-8a0c-294fbad1aee9' },
    });
  }

  #refuse(ask: OrderAsk, code: string): WireAnswer {
    const reason = `Backoffice rejected override of the order. ${code}`;
    if (!this.refusesLater) return refusals(['Backoffice rejected override of the order.', code]);
    return this.#received(this.options.exchange.placeRejected(ask, reason));
  }

  #unauthorized(): WireAnswer {
    return plain(401, `Unauthorized Account: ${this.options.accountNumber}`);
  }

  #byWireId(id: string): EmulatedOrder | undefined {
    return this.options.exchange.orders.get(String(Number(id) - FIRST_ID));
  }

  /** What the form itself has wrong. */
  #formFault(form: Form): WireAnswer | undefined {
    const { tag = '', duration = '', quantity = '', type = '' } = form;
    const invalid = (name: string, why: string): WireAnswer => plain(400, `Invalid parameter, ${name}: ${why}`);
    if (form['class'] !== 'equity') return invalid('class', 'is invalid.');
    if (tag.length > 255) return invalid('tag', 'is too long.');
    if (!/^[A-Za-z0-9-]*$/.test(tag)) return invalid('tag', 'contains invalid characters.');
    if (!DURATIONS.includes(duration)) return invalid('duration', 'is invalid.');
    if (!/^\d+$/.test(quantity) || Number(quantity) === 0)
      return invalid('quantity', 'must be a whole number of shares.');
    const window = this.#window();
    if ((duration === 'pre' || duration === 'post') && duration !== window) {
      return invalid('duration', `${duration} market no longer available`);
    }
    if (type === 'market' && window !== 'open' && window !== 'closed' && duration !== 'day') {
      return invalid('type', 'market orders are not allowed in extended hours.');
    }
    if (type === 'market' && duration === 'gtc') return refusals(['MarketOrderIsGtc']);
    return undefined;
  }

  #window(): 'pre' | 'open' | 'post' | 'closed' {
    const now: EpochMs = this.options.exchange.now();
    const session = sessionOf(exchangeDateOf(now));
    if (session === undefined) return 'closed';
    if (now < session.opensAt) return now >= session.opensAt - 150 * MINUTE_MS ? 'pre' : 'closed';
    if (now < session.closesAt) return 'open';
    return now < session.closesAt + 235 * MINUTE_MS ? 'post' : 'closed';
  }

  /** Rules of the broker about sides, in its words. */
  #refusal(ask: OrderAsk, side: string): string | undefined {
    const { exchange, accountType } = this.options;
    const held = exchange.account.quantity(ask.symbol);
    const quantity = ask.quantity ?? Decimal.ZERO;
    const working = exchange.openOrders().filter((one) => one.ask.symbol === ask.symbol && one.ask.side === ask.side);
    const reserved = Decimal.sum(working.map((one) => (one.quantity ?? Decimal.ZERO).minus(one.filled)));
    if (side === 'sell_short' && accountType() === 'cash') return 'ShortTradingDeniedForAccount';
    if (side === 'sell') {
      if (held.sign() <= 0) return 'UnexpectedSellOrder';
      if (quantity.plus(reserved).gt(held)) return 'LongPositionCrossZero';
    }
    if (side === 'buy_to_cover') {
      if (held.sign() >= 0) return 'UnexpectedBuyToCoverOrder';
      if (quantity.plus(reserved).gt(held.abs())) return 'ShortPositionCrossZero';
    }
    if (side === 'sell_short' && held.sign() > 0) return 'UnexpectedSellShortOrder';
    if (side === 'buy' && held.sign() < 0) return 'UnexpectedBuyOrder';
    const against = exchange.openOrders().some((one) => one.ask.symbol === ask.symbol && one.ask.side !== ask.side);
    return against && (side === 'buy' || side === 'sell_short') ? 'OrderWithDifferentSide' : undefined;
  }
}

function askOf(form: Form): OrderAsk | undefined {
  const side = SIDES[form['side'] ?? ''];
  const type = (['market', 'limit', 'stop', 'stop_limit'] as const).find((one) => one === form['type']);
  if (side === undefined || type === undefined) return undefined;
  const price = (text: string | undefined): Decimal | null => (text === undefined ? null : Decimal.parse(text));
  return {
    ...{ clientId: form['tag'] ?? '', symbol: form['symbol'] ?? '', side, type },
    quantity: Decimal.parse(form['quantity'] ?? '0'),
    notional: null,
    limitPrice: price(form['price']),
    stopPrice: price(form['stop']),
    timeInForce: form['duration'] ?? '',
    extra: { side: form['side'] ?? '' },
  };
}

function codeOf({ code }: Refusal): string {
  switch (code) {
    case 'unknown_symbol':
      return 'UnknownSymbol';
    case 'halted':
      return 'TradingDeniedForSecurity';
    case 'not_shortable':
      return 'ShortTradingDeniedForSecurity';
    case 'buying_power':
      return 'InitialMargin';
    case 'quantity':
      return 'LongPositionCrossZero';
    case 'blocked':
      return 'TradingDeniedForAccount';
    default:
      return 'IncorrectOrderQuantity';
  }
}
