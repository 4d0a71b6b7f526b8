import { Decimal } from '../../../src/kernel/decimal.js';
import { epochMs, type Clock, type EpochMs } from '../../../src/kernel/time.js';
import { EmulatedAccount } from './account.js';
import { AutoTrader } from './auto-trader.js';
import {
  Refusal,
  type CashRow,
  type EmulatedExecution,
  type EmulatedOrder,
  type EmulatedPosition,
  type EmulatedSymbol,
  type ExchangeEvent,
  type ExchangeEventKind,
  type OrderAsk,
  type OrderState,
} from './types.js';

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly cash: Decimal;
  readonly symbols: readonly EmulatedSymbol[];
  /** A second order with a client id is refused, also when the first has ended. */
  readonly uniqueClientIds?: boolean;
  /** Whether an order is at the exchange when it was placed; else `open` is called for it. Default true. */
  readonly opensAtOnce?: boolean;
  /** Whether a cancel ends the order at once; else `cancelled` is called for it. Default true. */
  readonly cancelsAtOnce?: boolean;
  readonly feePerShare?: Decimal;
  /** Whether the cash keeps the parts of a cent of executed amounts; else each amount is rounded to cents. */
  readonly cashHasParts?: boolean;
}

const ENDED: readonly OrderState[] = ['filled', 'cancelled', 'rejected', 'expired', 'replaced'];

export function hasEnded({ state }: Pick<EmulatedOrder, 'state'>): boolean {
  return ENDED.includes(state);
}

/** Average price of what was filled; null when nothing was. */
export function averagePrice({ cost, filled }: Pick<EmulatedOrder, 'cost' | 'filled'>): Decimal | null {
  return filled.isZero() ? null : cost.divide(filled, { scale: 6, round: 'halfEven' });
}

/**
 * The account of one client at a broker, behind every emulator. By itself it only receives orders: a test fills, rejects and
 * expires them by hand, or lets `autoTrade` do it from the prices.
 */
export class EmulatedExchange {
  readonly account: EmulatedAccount;
  readonly orders = new Map<string, EmulatedOrder>();
  /** All that happened to orders, in order. */
  readonly events: ExchangeEvent[] = [];
  cancelsAtOnce: boolean;
  opensAtOnce: boolean;
  /** Reason why the account takes no orders; empty when it does. */
  blocked = '';
  readonly halted = new Set<string>();
  readonly #prices = new Map<string, Decimal>();
  readonly #symbols = new Map<string, EmulatedSymbol>();
  readonly #listeners = new Set<(event: ExchangeEvent) => void>();
  #trader: AutoTrader | undefined;
  #ids = 0;
  #lastAt = 0;

  constructor(private readonly options: ExchangeOptions) {
    this.account = new EmulatedAccount(options.cash, options.cashHasParts);
    this.cancelsAtOnce = options.cancelsAtOnce ?? true;
    this.opensAtOnce = options.opensAtOnce ?? true;
    for (const symbol of options.symbols) this.list(symbol);
  }

  // Reference data and prices.

  list(symbol: EmulatedSymbol): void {
    this.#symbols.set(symbol.symbol, symbol);
    this.#prices.set(symbol.symbol, symbol.price);
  }

  symbol(symbol: string): EmulatedSymbol | undefined {
    return this.#symbols.get(symbol);
  }

  symbols(): readonly EmulatedSymbol[] {
    return [...this.#symbols.values()];
  }

  price(symbol: string): Decimal {
    return this.#prices.get(symbol) ?? Decimal.ZERO;
  }

  setPrice(symbol: string, price: Decimal): void {
    this.#prices.set(symbol, price);
    this.#trader?.look();
  }

  // What a client may ask.

  /** @throws Refusal; a refusal with an order has made one that is rejected. */
  place(ask: OrderAsk, how: { readonly byHand?: boolean; readonly replaces?: string } = {}): EmulatedOrder {
    this.#check(ask);
    const order = this.#receive(ask, how);
    if (this.opensAtOnce) this.open(order.id);
    return order;
  }

  /** An order that the broker takes and rejects at once, for a rule of its own. */
  placeRejected(ask: OrderAsk, reason: string): EmulatedOrder {
    const order = this.#receive(ask, {});
    this.reject(order.id, reason);
    return order;
  }

  placeByHand(ask: Omit<OrderAsk, 'clientId'>): EmulatedOrder {
    return this.place({ ...ask, clientId: '' }, { byHand: true });
  }

  /** @throws Refusal unknown_order, ended_order. */
  cancel(id: string): EmulatedOrder {
    const order = this.order(id);
    if (hasEnded(order)) {
      this.#say('cancel_refused', order);
      throw new Refusal('ended_order', `order ${id} is ${order.state}`, order);
    }
    order.state = 'cancel_pending';
    this.#say('cancel_pending', order);
    if (this.cancelsAtOnce) this.cancelled(id);
    return order;
  }

  /** A new order in the place of an open one. @throws Refusal */
  replace(id: string, ask: OrderAsk): EmulatedOrder {
    const old = this.order(id);
    if (hasEnded(old) || old.state === 'cancel_pending') {
      throw new Refusal('ended_order', `order ${id} is ${old.state}`, old);
    }
    old.state = 'replaced';
    const order = this.place(ask, { replaces: id });
    old.replacedBy = order.id;
    this.#say('replaced', old);
    return order;
  }

  /** Changes an open order that keeps its id. @throws Refusal */
  change(id: string, to: Partial<Pick<EmulatedOrder, 'quantity' | 'limitPrice' | 'stopPrice'>>): EmulatedOrder {
    const order = this.order(id);
    if (hasEnded(order)) throw new Refusal('ended_order', `order ${id} is ${order.state}`, order);
    Object.assign(order, to);
    this.#say('open', order);
    return order;
  }

  /** @throws Refusal unknown_order */
  order(id: string): EmulatedOrder {
    const order = this.orders.get(id);
    if (order === undefined) throw new Refusal('unknown_order', `there is no order ${id}`);
    return order;
  }

  /** The newest order with that client id. */
  byClientId(clientId: string): EmulatedOrder | undefined {
    return [...this.orders.values()].findLast(({ ask }) => ask.clientId === clientId && clientId !== '');
  }

  openOrders(): readonly EmulatedOrder[] {
    return [...this.orders.values()].filter((order) => !hasEnded(order));
  }

  positions(): readonly EmulatedPosition[] {
    return this.account.positions();
  }

  equity(): Decimal {
    const held = this.positions().map(({ symbol, quantity }) => quantity.times(this.price(symbol)));
    return this.account.cash.plus(Decimal.sum(held)).rounded(2, 'halfEven');
  }

  // What the market, the broker and people do.

  open(id: string): void {
    const order = this.order(id);
    if (order.state !== 'pending' && order.state !== 'held') return;
    order.state = 'open';
    this.#say('open', order);
    this.#trader?.look();
  }

  hold(id: string): void {
    this.order(id).state = 'held';
  }

  /** Also after an end: late fills happen. `price` defaults to that of the market. */
  fill(id: string, quantity?: Decimal, price?: Decimal): EmulatedExecution {
    const order = this.order(id);
    const at = price ?? this.price(order.ask.symbol);
    const execution = this.#execution(order, quantity ?? this.remaining(order, at), at, null);
    this.#book(order, execution);
    if (!hasEnded(order) && order.state !== 'cancel_pending') order.state = 'partially_filled';
    if (this.remaining(order, at).sign() <= 0 && !['cancelled', 'expired'].includes(order.state))
      order.state = 'filled';
    this.#say(order.state === 'filled' ? 'fill' : 'partial_fill', order, execution);
    return execution;
  }

  /** Shares that an order still wants at a price. */
  remaining(order: EmulatedOrder, price: Decimal): Decimal {
    if (order.quantity !== null) return order.quantity.minus(order.filled);
    const dollars = (order.ask.notional ?? Decimal.ZERO).minus(order.cost);
    return dollars.divide(price, { scale: 9, round: 'floor' });
  }

  cancelled(id: string, reason = ''): void {
    this.#end(id, 'cancelled', reason);
  }

  reject(id: string, reason: string): void {
    this.#end(id, 'rejected', reason);
  }

  expire(id: string): void {
    this.#end(id, 'expired', '');
  }

  bust(executionId: string): void {
    const { order, execution } = this.#find(executionId);
    this.#takeBack(order, execution, 'busted');
    this.#say('bust', order, execution);
  }

  correct(executionId: string, to: { readonly quantity?: Decimal; readonly price?: Decimal }): EmulatedExecution {
    const { order, execution } = this.#find(executionId);
    this.#takeBack(order, execution, 'corrected');
    const { quantity = execution.quantity, price = execution.price } = to;
    const corrected = this.#execution(order, quantity, price, executionId);
    this.#book(order, corrected);
    this.#say('correct', order, corrected);
    return corrected;
  }

  /** Closes or opens shares without an order of this client, as a person does on the website. */
  tradeByHand(symbol: string, side: 'buy' | 'sell', quantity: Decimal, price = this.price(symbol)): EmulatedOrder {
    const rest = { notional: null, limitPrice: null, stopPrice: null, timeInForce: 'day' };
    const order = this.placeByHand({ symbol, side, quantity, type: 'market', ...rest });
    if (!hasEnded(order)) this.fill(order.id, quantity, price);
    return order;
  }

  /** Money or shares that move without an order. */
  row(kind: CashRow['kind'], amount: Decimal, more: Partial<CashRow> = {}): CashRow {
    const facts = { id: this.#nextId(), at: this.now(), symbol: null, quantity: null, description: kind };
    const row: CashRow = { ...facts, kind, amount, state: 'executed', ...more };
    this.account.row(row);
    return row;
  }

  rename(from: string, to: string): void {
    const known = this.#symbols.get(from);
    if (known !== undefined) this.list({ ...known, symbol: to, price: this.price(from) });
    this.#symbols.delete(from);
    this.account.rename(from, to, this.now(), this.#nextId());
  }

  /** Fills what is marketable at the prices, in parts by seed, from now on at each change of a price. */
  autoTrade(seed: number): void {
    this.#trader = new AutoTrader(this, seed);
    this.#trader.look();
  }

  on(listener: (event: ExchangeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The clock's time, later with each event: no two events of one account have the same. */
  now(): EpochMs {
    this.#lastAt = Math.max(this.options.clock.now(), this.#lastAt + 1);
    return epochMs(this.#lastAt);
  }

  #receive(ask: OrderAsk, how: { readonly byHand?: boolean; readonly replaces?: string }): EmulatedOrder {
    this.#ids += 1;
    const at = this.now();
    const order: EmulatedOrder = {
      id: String(this.#ids),
      ask,
      byHand: how.byHand ?? false,
      ...{ createdAt: at, updatedAt: at, state: 'pending', quantity: ask.quantity },
      ...{ limitPrice: ask.limitPrice, stopPrice: ask.stopPrice, filled: Decimal.ZERO, cost: Decimal.ZERO },
      ...{ reason: '', replaces: how.replaces ?? null, replacedBy: null, executions: [] },
    };
    this.orders.set(order.id, order);
    this.#say('received', order);
    return order;
  }

  #check(ask: OrderAsk): void {
    const known = this.#symbols.get(ask.symbol);
    const { uniqueClientIds = false } = this.options;
    if (this.blocked !== '') throw new Refusal('blocked', this.blocked);
    if (known === undefined) throw new Refusal('unknown_symbol', `${ask.symbol} is not known`);
    if (known.tradable === false || this.halted.has(ask.symbol))
      throw new Refusal('halted', `${ask.symbol} is not traded`);
    if (uniqueClientIds && this.byClientId(ask.clientId) !== undefined) {
      throw new Refusal('duplicate_id', `client id ${ask.clientId} is known`, this.byClientId(ask.clientId));
    }
    const whole = ask.quantity === null ? undefined : ask.quantity.rounded(0, 'floor').equals(ask.quantity);
    if (ask.quantity?.sign() === -1 || ask.quantity?.isZero() === true) throw new Refusal('quantity', 'not above zero');
    if (whole !== true && known.fractionable === false)
      throw new Refusal('not_fractionable', `${ask.symbol}: whole shares only`);
    for (const price of [ask.limitPrice, ask.stopPrice]) {
      if (price !== null && !price.rounded(price.gte(Decimal.ONE) ? 2 : 4, 'floor').equals(price)) {
        throw new Refusal('sub_penny', `${price.shortText()} is finer than the market allows`);
      }
    }
    this.#checkCover(ask, known);
  }

  #checkCover(ask: OrderAsk, known: EmulatedSymbol): void {
    const held = this.account.quantity(ask.symbol);
    const price = ask.limitPrice ?? ask.stopPrice ?? this.price(ask.symbol);
    const wanted = ask.quantity ?? (ask.notional ?? Decimal.ZERO).divide(price, { scale: 9, round: 'floor' });
    if (ask.side === 'sell' && wanted.gt(held) && (held.sign() > 0 || known.shortable === false)) {
      throw new Refusal(held.sign() > 0 ? 'quantity' : 'not_shortable', `${held.shortText()} ${ask.symbol} are held`);
    }
    if (ask.side === 'buy' && held.sign() >= 0 && wanted.times(price).gt(this.account.cash)) {
      throw new Refusal(
        'buying_power',
        `${wanted.times(price).text()} is more than the cash ${this.account.cash.text()}`,
      );
    }
  }

  #execution(order: EmulatedOrder, quantity: Decimal, price: Decimal, corrects: string | null): EmulatedExecution {
    const { symbol, side } = order.ask;
    const fee = (this.options.feePerShare ?? Decimal.ZERO).times(quantity).rounded(2, 'halfEven');
    const facts = { id: this.#nextId(), orderId: order.id, symbol, side, quantity, price, fee };
    return { ...facts, cumulative: order.filled.plus(quantity), at: this.now(), state: 'valid', corrects };
  }

  #book(order: EmulatedOrder, execution: EmulatedExecution): void {
    order.executions.push(execution);
    order.filled = order.filled.plus(execution.quantity);
    order.cost = order.cost.plus(execution.quantity.times(execution.price));
    this.account.execute(execution);
  }

  #takeBack(order: EmulatedOrder, execution: EmulatedExecution, state: 'busted' | 'corrected'): void {
    if (execution.state !== 'valid') throw new Error(`execution ${execution.id} is ${execution.state} already`);
    execution.state = state;
    order.filled = order.filled.minus(execution.quantity);
    order.cost = order.cost.minus(execution.quantity.times(execution.price));
    this.account.undo(execution);
  }

  #find(executionId: string): { readonly order: EmulatedOrder; readonly execution: EmulatedExecution } {
    for (const order of this.orders.values()) {
      const execution = order.executions.find(({ id }) => id === executionId);
      if (execution !== undefined) return { order, execution };
    }
    throw new Error(`there is no execution ${executionId}`);
  }

  #end(id: string, state: 'cancelled' | 'rejected' | 'expired', reason: string): void {
    const order = this.order(id);
    if (hasEnded(order)) return;
    order.state = state;
    order.reason = reason;
    this.#say(state, order);
  }

  #nextId(): string {
    this.#ids += 1;
    return String(this.#ids);
  }

  #say(kind: ExchangeEventKind, order: EmulatedOrder, execution?: EmulatedExecution): void {
    const at = execution?.at ?? this.now();
    order.updatedAt = at;
    const position = this.account.quantity(order.ask.symbol);
    const event: ExchangeEvent = { kind, at, order, position, ...(execution === undefined ? {} : { execution }) };
    this.events.push(event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}
