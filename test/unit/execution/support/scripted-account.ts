import { Subject } from 'rxjs';
import { parseSymbol, type ClientOrderId, type TickerSymbol } from '../../../../src/events/names.js';
import { Decimal } from '../../../../src/kernel/decimal.js';
import { networkError, TradeBotError } from '../../../../src/kernel/errors.js';
import { sha256Hex } from '../../../../src/kernel/hash.js';
import type { Clock } from '../../../../src/kernel/time.js';
import type { BrokerAccount, BrokerActivity, BrokerPosition } from '../../../../src/ports/account-queries.js';
import type { BrokerCapabilities } from '../../../../src/ports/reference-data.js';
import type { EngineOptions } from '../../../../src/app/execution/engine-options.js';
import type {
  BrokerFill,
  BrokerOrder,
  BrokerUpdate,
  OpenOrder,
  OrderRequest,
  OrderSide,
} from '../../../../src/ports/order-entry.js';

type Fill = BrokerUpdate & BrokerFill;

interface Held {
  readonly id: string;
  readonly clientOrderId: ClientOrderId | null;
  readonly symbol: TickerSymbol;
  readonly side: OrderSide;
  readonly quantity: Decimal;
  readonly updates: BrokerUpdate[];
  status: BrokerOrder['status'];
  isPurged: boolean;
}

const CHARGES = { commission: Decimal.parse('0.35'), fee: Decimal.parse('0.01') } as const;

interface Moved {
  readonly fill: Fill;
  busted: boolean;
}

/** A broker that does what a test writes: its account follows from its executions, and a test chooses which of its reports arrive. */
export class ScriptedAccount {
  readonly code = 'SIM';
  readonly orderUpdates$ = new Subject<BrokerUpdate>();
  /** Reports that a test delivers, drops, repeats or reorders. */
  readonly outbox: BrokerUpdate[] = [];
  /** Calls that fail. */
  readonly failing = new Set<'account' | 'positions' | 'openOrders' | 'activities' | 'orderByClientId'>();
  /** Whether executions are reported before their charges are known. */
  chargesLater = false;
  /** What the broker says that a share cost. */
  averagePrice = '50';
  /** Activities beyond these are not shown yet. */
  activitiesHeld = 0;
  readonly submitted: OrderRequest[] = [];
  readonly #orders: Held[] = [];
  readonly #moves: Moved[] = [];
  readonly #converted: { readonly symbol: TickerSymbol; readonly quantity: Decimal }[] = [];
  readonly #activities: BrokerActivity[] = [];
  #cash = Decimal.parse('100000.00');

  constructor(private readonly clockNow: Clock['now']) {}

  get port(): EngineOptions['broker'] {
    return Object.assign(this, { capabilities: { findableAfterMs: 0 } as BrokerCapabilities });
  }

  submit(request: OrderRequest): Promise<void> {
    this.submitted.push(request);
    const order = this.#add(request.clientOrderId, request.symbol, request.side, request.quantity ?? Decimal.ZERO);
    this.#report(order, { kind: 'acknowledged' });
    return Promise.resolve();
  }

  cancel(id: ClientOrderId): Promise<void> {
    const order = this.#orders.find(({ clientOrderId, isPurged }) => clientOrderId === id && !isPurged);
    if (order === undefined) {
      const fault = { code: 'UNKNOWN_ORDER', message: `no order ${id}`, remedy: 'None.' };
      return Promise.reject(new TradeBotError('BrokerError', 'refuse', fault));
    }
    if (order.status === 'working') {
      order.status = 'cancelled';
      this.#report(order, { kind: 'cancelled', filledQuantity: filledOf(order), reason: 'asked for' });
    }
    return Promise.resolve();
  }

  orderByClientId(id: ClientOrderId): Promise<BrokerOrder | undefined> {
    return this.#answer('orderByClientId', () => {
      const order = this.#orders.find(({ clientOrderId, isPurged }) => clientOrderId === id && !isPurged);
      if (order === undefined) return undefined;
      const { status, updates } = order;
      return { clientOrderId: id, brokerOrderId: order.id, status, filledQuantity: filledOf(order), updates };
    });
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    return this.#answer('openOrders', () =>
      this.#orders
        .filter(({ status, isPurged }) => status === 'working' && !isPurged)
        .map(({ id, clientOrderId, symbol, side, quantity, ...order }) => ({
          ...{ clientOrderId, brokerOrderId: id, symbol, side, quantity, state: 'working', placedAt: null },
          filledQuantity: filledOf(order),
        })),
    );
  }

  account(): Promise<BrokerAccount> {
    return this.#answer('account', () => ({
      ...{ accountId: 'A', cash: this.#cash, buyingPower: this.#cash, equity: this.#cash },
    }));
  }

  positions(): Promise<readonly BrokerPosition[]> {
    return this.#answer('positions', () => this.held());
  }

  activities(after: string | null, limit: number, which = 'all'): Promise<readonly BrokerActivity[]> {
    return this.#answer('activities', () => {
      const shown = this.#activities.slice(0, this.#activities.length - this.activitiesHeld);
      const from = after === null ? 0 : shown.findIndex(({ activityId }) => activityId === after) + 1;
      return shown.slice(from, from + limit).filter(({ kind }) => which === 'all' || kind !== 'fill');
    });
  }

  /** The account as it is, whatever fails. */
  held(): readonly BrokerPosition[] {
    const sums = new Map<TickerSymbol, Decimal>();
    for (const { fill, busted } of this.#moves) {
      if (busted) continue;
      const shares = fill.side === 'buy' ? fill.quantity : fill.quantity.negated();
      sums.set(fill.symbol, (sums.get(fill.symbol) ?? Decimal.ZERO).plus(shares));
    }
    for (const { symbol, quantity } of this.#converted) {
      sums.set(symbol, (sums.get(symbol) ?? Decimal.ZERO).plus(quantity));
    }
    const averagePrice = Decimal.parse(this.averagePrice);
    return [...sums]
      .filter(([, quantity]) => !quantity.isZero())
      .map(([symbol, quantity]) => ({ symbol, quantity, averagePrice }));
  }

  get cash(): Decimal {
    return this.#cash;
  }

  /** An order that the bot did not send. */
  byHand(symbol: string, side: OrderSide, shares: string, clientOrderId: string | null = null): string {
    return this.#add(clientOrderId as ClientOrderId | null, parseSymbol(symbol), side, Decimal.parse(shares)).id;
  }

  /** An execution of an order, by the id of the broker or of the client. */
  fill(id: string, shares: string, price: string): void {
    const order = this.#find(id);
    const executionId = `${order.id}-${order.updates.length}`;
    const at = this.clockNow();
    const report = this.#report(order, {
      kind: 'filled',
      ...{ executionId, symbol: order.symbol, side: order.side, filledAt: at },
      ...{ quantity: Decimal.parse(shares), price: Decimal.parse(price) },
      ...(this.chargesLater ? { commission: Decimal.ZERO, fee: Decimal.ZERO } : CHARGES),
    }) as Fill;
    if (!filledOf(order).lt(order.quantity)) order.status = 'filled';
    this.#moves.push({ fill: report, busted: false });
    this.#pay(report, 1);
    this.#activities.push({ kind: 'fill', activityId: `act-${report.rawSha256}`, at, update: report });
  }

  /** A fee in the records of the account, of other money than dollars: the dollars stay as they are. */
  feeIn(currency: string, amount: string): void {
    const activityId = `fee-${this.#activities.length + 1}`;
    this.#activities.push({
      ...{ kind: 'fee', activityId, at: this.clockNow(), amount: Decimal.parse(amount), currency, symbol: null },
      ...{ reference: null, description: 'charge of execution e-1', rawSha256: sha256Hex(activityId) },
    });
  }

  /** The charges of an execution that was reported without them: its report comes again with them, and so do its lists. */
  charge(id: string): void {
    const order = this.#find(id);
    const index = order.updates.findIndex(({ kind }) => kind === 'filled');
    const before = order.updates[index] as Fill;
    const report: Fill = { ...before, ...CHARGES };
    order.updates[index] = report;
    this.outbox.push(report);
    this.#cash = this.#cash.minus(CHARGES.commission).minus(CHARGES.fee);
    const row = this.#activities.findIndex((each) => each.kind === 'fill' && each.update === before);
    const activity = this.#activities[row];
    if (activity?.kind === 'fill') this.#activities[row] = { ...activity, update: report };
  }

  /** Shares of an order that are still to be filled; none when it is over. */
  leftOf(id: string): number {
    const order = this.#find(id);
    return order.status === 'working' ? Number(order.quantity.minus(filledOf(order)).text()) : 0;
  }

  /** The broker takes the last standing execution of an order back. */
  bust(id: string): void {
    const order = this.#find(id);
    const last = this.#moves.findLast(({ fill, busted }) => fill.brokerOrderId === order.id && !busted);
    if (last === undefined) return;
    last.busted = true;
    // the activities of an account are those that stand
    const row = this.#activities.findIndex((each) => each.kind === 'fill' && each.update === last.fill);
    this.#activities.splice(row, 1);
    this.#pay(last.fill, -1);
    this.#report(order, { kind: 'busted', executionId: last.fill.executionId, reason: 'clearly erroneous' });
  }

  /** A corporate action: `shares` of a symbol become others, of the same symbol or of another; the row comes as an activity. */
  convert(symbol: string, shares: string, newSymbol: string, newShares: string): void {
    const moves = [
      { symbol: parseSymbol(symbol), quantity: Decimal.parse(shares).negated() },
      { symbol: parseSymbol(newSymbol), quantity: Decimal.parse(newShares) },
    ];
    this.#converted.push(...moves);
    const activityId = `conversion-${this.#activities.length}`;
    const facts = { activityId, at: this.clockNow(), rawSha256: sha256Hex(activityId) };
    this.#activities.push({ kind: 'conversion', ...facts, moves, description: 'SPLIT/FSPLIT' });
  }

  /** Shares of a symbol become others, and no record of the broker says so. */
  convertUnreported(symbol: string, shares: string, newShares: string): void {
    for (const quantity of [Decimal.parse(shares).negated(), Decimal.parse(newShares)])
      this.#converted.push({ symbol: parseSymbol(symbol), quantity });
  }

  /** From here on the broker does not know the order. */
  purge(id: string): void {
    this.#find(id).isPurged = true;
  }

  #pay({ side, quantity, price, commission, fee }: Fill, times: 1 | -1): void {
    const amount = quantity.times(price);
    const received = (side === 'sell' ? amount : amount.negated()).minus(commission).minus(fee);
    this.#cash = times === 1 ? this.#cash.plus(received) : this.#cash.minus(received);
  }

  #add(clientOrderId: ClientOrderId | null, symbol: TickerSymbol, side: OrderSide, quantity: Decimal): Held {
    const id = `O-${this.#orders.length + 1}`;
    const order: Held = { id, clientOrderId, symbol, side, quantity, updates: [], status: 'working', isPurged: false };
    this.#orders.push(order);
    return order;
  }

  #find(id: string): Held {
    const order = this.#orders.find((each) => each.id === id || each.clientOrderId === id);
    if (order === undefined) throw new Error(`no order ${id}`);
    return order;
  }

  #report(order: Held, what: object): BrokerUpdate {
    const clientOrderId = order.clientOrderId ?? (`hand-${order.id}` as ClientOrderId);
    const text = `${order.id}/${order.updates.length}`;
    const facts = { at: this.clockNow(), clientOrderId, brokerOrderId: order.id, rawSha256: sha256Hex(text) };
    const update = { ...facts, ...what } as BrokerUpdate;
    order.updates.push(update);
    this.outbox.push(update);
    return update;
  }

  #answer<T>(
    call: 'account' | 'positions' | 'openOrders' | 'activities' | 'orderByClientId',
    work: () => T,
  ): Promise<T> {
    if (!this.failing.has(call)) return Promise.resolve(work());
    return Promise.reject(networkError('retry', { code: 'CUT', message: `${call} was cut`, remedy: 'Wait.' }));
  }
}

function filledOf({ updates }: Pick<Held, 'updates'>): Decimal {
  const busted = new Set(updates.flatMap((update) => (update.kind === 'busted' ? [update.executionId] : [])));
  return Decimal.sum(
    updates.flatMap((update) => (update.kind === 'filled' && !busted.has(update.executionId) ? [update.quantity] : [])),
  );
}
