import { canonicalSymbol } from '../../../src/events/names.js';
import { Decimal } from '../../../src/kernel/decimal.js';
import { hasEnded, type EmulatedExchange } from '../exchange/exchange.js';
import { Refusal, type EmulatedOrder, type OrderAsk } from '../exchange/types.js';
import { fault, ok, type Answer, type Call } from './answer.js';
import { clientIdOf, idOf, orderJson } from './wire.js';

/** Oddities of the order routes that a test switches on. */
export interface OrderOddities {
  /** PATCH answers a fault although the replace happened (A10). */
  replaceLies: boolean;
  /** PATCH refuses, since the order holds its own shares (A11). */
  replaceHolds: boolean;
  /** The list of open orders misses held legs (A12). */
  hidesHeld: boolean;
  /** An order that the broker has purged is not found any more (X2). */
  readonly purged: Set<string>;
  /** The answer to the next POST, in the place of an order. */
  refuseWith: Answer | undefined;
  /** Orders that cannot be cancelled. */
  readonly uncancellable: Set<string>;
}

const figure = (value: unknown): Decimal | null => (typeof value === 'string' ? Decimal.parse(value) : null);
const MOST = 500;

/** Legs by the order that they belong to. */
export type Legs = ReadonlyMap<string, readonly string[]>;

/** Routes of /v2/orders. */
export class OrderRoutes {
  readonly oddities: OrderOddities = {
    ...{ replaceLies: false, replaceHolds: false, hidesHeld: false, refuseWith: undefined },
    ...{ purged: new Set<string>(), uncancellable: new Set<string>() },
  };
  readonly legs = new Map<string, readonly string[]>();

  constructor(private readonly exchange: EmulatedExchange) {}

  answer({ method, path, query, body }: Call): Answer {
    if (path === '/v2/orders:by_client_order_id')
      return this.#one(this.#byClientId(query.get('client_order_id') ?? ''));
    if (path === '/v2/orders') {
      if (method === 'GET') return this.#list(query);
      if (method === 'POST') return this.#place(body);
      return this.#cancelAll();
    }
    const order = this.exchange.orders.get(idOf(path.slice('/v2/orders/'.length)));
    if (order === undefined || this.oddities.purged.has(order.id)) return notFound();
    if (method === 'GET') return this.#one(order);
    return method === 'PATCH' ? this.#replace(order, body) : this.#cancel(order);
  }

  json(order: EmulatedOrder, nested = false): Readonly<Record<string, unknown>> {
    const legs = this.legs.get(order.id);
    if (!nested || legs === undefined) return orderJson(order);
    return orderJson(
      order,
      legs.map((id) => orderJson(this.exchange.order(id))),
    );
  }

  #byClientId(id: string): EmulatedOrder | undefined {
    return [...this.exchange.orders.values()].findLast((order) => clientIdOf(order) === id);
  }

  #one(order: EmulatedOrder | undefined): Answer {
    return order === undefined || this.oddities.purged.has(order.id) ? notFound() : ok(this.json(order));
  }

  /** `after` and `until` exclude, and orders of one time look the same at the edge of a page. */
  #list(query: URLSearchParams): Answer {
    const status = query.get('status') ?? 'open';
    const time = (name: string, other: number): number => (query.has(name) ? Date.parse(query.get(name) ?? '') : other);
    const [after, until] = [time('after', Number.NEGATIVE_INFINITY), time('until', Number.POSITIVE_INFINITY)];
    const nested = query.get('nested') === 'true';
    const legs = new Set([...this.legs.values()].flat());
    const hides = (order: EmulatedOrder): boolean =>
      this.oddities.purged.has(order.id) ||
      (nested && legs.has(order.id)) ||
      (this.oddities.hidesHeld && status === 'open' && order.state === 'held');
    const orders = [...this.exchange.orders.values()]
      .filter((order) => status === 'all' || (status === 'open') !== hasEnded(order))
      .filter((order) => order.createdAt > after && order.createdAt < until && !hides(order))
      .sort((a, b) => a.createdAt - b.createdAt || Number(a.id) - Number(b.id));
    if (query.get('direction') !== 'asc') orders.reverse();
    const limit = Math.min(Number(query.get('limit') ?? 50), MOST);
    return ok(orders.slice(0, limit).map((order) => this.json(order, nested)));
  }

  #place(body: Call['body']): Answer {
    const ask = askOf(body);
    const { refuseWith } = this.oddities;
    this.oddities.refuseWith = undefined;
    if (refuseWith !== undefined) return refuseWith;
    const refused = this.#refusalOf(ask, String(body['position_intent'] ?? ''));
    if (refused !== undefined) return refused;
    try {
      return ok(orderJson(this.exchange.place(ask)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return answerOf(error, ask);
    }
  }

  /** Shares that other orders sell already are not available. */
  #refusalOf(ask: OrderAsk, intent: string): Answer | undefined {
    if (ask.clientId.length > 128) return fault(422, 40010001, 'client_order_id must be no more than 128 characters');
    if (ask.side !== 'sell' || ask.quantity === null) return undefined;
    const held = this.exchange.account.quantity(ask.symbol);
    const selling = this.exchange
      .openOrders()
      .filter((order) => order.ask.symbol === ask.symbol && order.ask.side === 'sell');
    const busy = Decimal.sum(selling.map((order) => (order.quantity ?? Decimal.ZERO).minus(order.filled)));
    const free = held.minus(busy);
    const closes = intent === 'sell_to_close' || held.sign() > 0;
    return closes && ask.quantity.gt(free) ? insufficient(ask, free, held) : undefined;
  }

  #cancel(order: EmulatedOrder): Answer {
    if (this.oddities.uncancellable.has(order.id)) return fault(500, 50010000, 'internal server error occurred');
    try {
      this.exchange.cancel(order.id);
      return { status: 204 };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return fault(422, 42210000, `order is already in "${order.state}" state`);
    }
  }

  #cancelAll(): Answer {
    const lines = this.exchange.openOrders().map((order) => {
      const { status } = this.#cancel(order);
      return { id: String(orderJson(order)['id']), status: status === 204 ? 200 : status };
    });
    return { status: 207, body: lines };
  }

  #replace(order: EmulatedOrder, body: Call['body']): Answer {
    if (this.oddities.replaceHolds)
      return insufficient(order.ask, Decimal.ZERO, this.exchange.account.quantity(order.ask.symbol));
    const ask: OrderAsk = {
      ...order.ask,
      clientId: typeof body['client_order_id'] === 'string' ? body['client_order_id'] : '',
      // without a quantity it is the original one, whatever has traded (A9)
      quantity: figure(body['qty']) ?? order.ask.quantity,
      limitPrice: figure(body['limit_price']) ?? order.limitPrice,
      stopPrice: figure(body['stop_price']) ?? order.stopPrice,
    };
    try {
      const replaced = this.exchange.replace(order.id, ask);
      return this.oddities.replaceLies
        ? fault(422, 42210000, "order isn't sent to exchange yet")
        : ok(orderJson(replaced));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return answerOf(error, ask);
    }
  }
}

function askOf(body: Call['body']): OrderAsk {
  const type = String(body['type']);
  return {
    clientId: String(body['client_order_id'] ?? ''),
    symbol: canonicalSymbol(String(body['symbol'])),
    side: body['side'] === 'buy' ? 'buy' : 'sell',
    quantity: figure(body['qty']),
    notional: figure(body['notional']),
    type: type === 'limit' || type === 'stop' || type === 'stop_limit' ? type : 'market',
    limitPrice: figure(body['limit_price']),
    stopPrice: figure(body['stop_price']),
    timeInForce: String(body['time_in_force']),
    extra: body['extended_hours'] === true ? { extended_hours: 'true' } : {},
  };
}

function notFound(): Answer {
  return fault(404, 40410000, 'order not found');
}

function insufficient(ask: OrderAsk, free: Decimal, held: Decimal): Answer {
  const text = `insufficient qty available for order (requested: ${ask.quantity?.shortText() ?? ''}, available: ${free.shortText()})`;
  return fault(403, 40310000, text, {
    available: free.shortText(),
    existing_qty: held.shortText(),
    symbol: ask.symbol,
  });
}

/** One code has several meanings; the words differ. */
function answerOf({ code, message }: Refusal, ask: OrderAsk): Answer {
  switch (code) {
    case 'buying_power':
      return fault(403, 40310000, 'insufficient buying power', { buying_power: '1', cost_basis: '2' });
    case 'quantity':
      return fault(
        403,
        40310000,
        `insufficient qty available for order (requested: ${ask.quantity?.shortText() ?? ''})`,
      );
    case 'sub_penny': {
      const shown = (ask.limitPrice ?? ask.stopPrice)?.shortText() ?? '';
      const text = `invalid limit_price ${shown}. sub-penny increment does not fulfill minimum pricing criteria`;
      return fault(422, 42210000, text);
    }
    case 'duplicate_id':
      return fault(422, 40010001, 'client_order_id must be unique');
    case 'unknown_symbol':
      return fault(422, 42210000, `asset "${ask.symbol}" not found`);
    case 'halted':
      return fault(422, 42210000, `asset ${ask.symbol} is not tradable`);
    case 'not_fractionable':
      return fault(403, 40310000, `requested asset ${ask.symbol} is not fractionable`);
    case 'not_shortable':
      return fault(422, 42210000, `asset "${ask.symbol}" cannot be sold short`);
    case 'blocked':
      return fault(403, 40310000, `account is blocked: ${message}`);
    case 'ended_order':
      return fault(422, 42210000, 'order is not open');
    case 'unknown_order':
    case 'closed':
      return notFound();
  }
}
