import { createServer, type AddressInfo, type Server } from 'node:net';
import { Decimal } from '../../../src/kernel/decimal.js';
import type { Clock } from '../../../src/kernel/time.js';
import { EmulatedExchange, hasEnded } from '../exchange/exchange.js';
import { FaultPlan } from '../exchange/fault-plan.js';
import { Refusal, type EmulatedExecution, type EmulatedOrder, type ExchangeEvent } from '../exchange/types.js';
import { ClientLink } from './client-link.js';
import { ExecutionIds } from './execution-ids.js';
import * as layout from './layouts.js';
import type { Field, WireIds } from './layouts.js';
import type { Greeting, IbkrEmulatorOptions } from './emulator-options.js';
import { ListWire } from './list-wire.js';
import { MarketWire } from './market-wire.js';
import { askOf, nameOf, readOnlyRefusal } from './requests.js';

const PACE = 50;

/** TWS or IB Gateway on loopback: the socket protocol over an emulated account, at any of the versions that clients speak. */
export class IbkrEmulator {
  readonly exchange: EmulatedExchange;
  readonly faults = new FaultPlan();
  readonly version: number;
  accounts: readonly string[];
  greeting: Greeting = 'usual';
  /** The id that the next client gets; undefined: one above the highest. */
  nextValidId: number | undefined;
  /** Charges: with each execution, first as pending, or by hand through `charge`. */
  charges: 'at once' | 'pending first' | 'by hand' = 'at once';
  /** Keys of the ledger as newer gateways write them. */
  ledgerKeys = false;
  /** Extra fields at the end of each row. */
  unknownFields = false;
  /** The API of the gateway is set to read only. */
  readOnly = false;
  /** Messages of one second beyond the pace end the connection. */
  pacing = true;
  readonly links = new Set<ClientLink>();
  /** Requests of all connections, by name and fields. */
  readonly seen: { readonly name: string; readonly fields: readonly string[] }[] = [];
  /** Connections that were made so far. */
  connections = 0;
  readonly #swallow: { readonly what: string; left: number }[] = [];
  readonly #passes: string[] = [];
  readonly #ids = new Map<string, WireIds>();
  readonly #execIds = new ExecutionIds();
  readonly #highest = new Map<number, number>();
  readonly market: MarketWire;
  /** Symbols that mean two securities. */
  readonly ambiguous = new Set<string>();
  readonly clock: Clock;
  readonly #lists: ListWire;
  #server: Server | undefined;
  #perms = 1_200_000_000;

  constructor(options: IbkrEmulatorOptions) {
    const { clock, cash, symbols, feePerShare } = options;
    this.clock = clock;
    this.version = options.serverVersion ?? 193;
    this.accounts = options.accounts ?? ['DU123456'];
    const fees = feePerShare === undefined ? {} : { feePerShare };
    this.exchange = options.exchange ?? new EmulatedExchange({ clock, cash, symbols, cashHasParts: true, ...fees });
    this.#lists = new ListWire(this);
    this.exchange.on((event) => this.#happened(event));
    this.market = new MarketWire(this.exchange, options.clock, options.market);
  }

  async start(port = 0): Promise<{ readonly url: string; readonly host: string; readonly port: number }> {
    const server = createServer((socket) => {
      const link: ClientLink = new ClientLink(socket, this.faults, {
        greeting: () => this.#greet(link),
        request: (fields) => this.#request(link, fields),
        end: () => {
          this.links.delete(link);
          this.market.end(link);
        },
      });
      this.links.add(link);
      this.connections += 1;
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const { port: bound } = server.address() as AddressInfo;
    return { url: `tcp://127.0.0.1:${bound}`, host: '127.0.0.1', port: bound };
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => (this.#server === undefined ? resolve(undefined) : this.#server.close(resolve)));
  }

  /** Every connection is reset. */
  cut(): void {
    for (const link of this.links) link.socket.destroy();
  }

  /** The next requests whose name contains `what` vanish without a trace. */
  swallow(what: string, times = 1): void {
    this.#swallow.push({ what, left: times });
  }

  /** Requests that are not swallowed. */
  passThrough(...names: readonly string[]): void {
    this.#passes.push(...names);
  }

  /** What happens meanwhile reaches nobody. */
  mute(work: () => void): void {
    for (const link of this.links) link.muted = true;
    work();
    for (const link of this.links) link.muted = false;
  }

  /** The connections of now stay open and say nothing any more. */
  muteLinks(): void {
    for (const link of this.links) link.dead = true;
  }

  /** A message as it is, to all clients. */
  raw = (fields: readonly Field[]): void => this.links.forEach((link) => link.plain(...fields));

  /** A notice of the gateway to all clients: 1100, 1101, 1102, 2104. */
  notice(code: number, text: string): void {
    for (const link of this.links) this.error(-1, code, text, link);
  }

  error(id: number, code: number, text: string, to?: ClientLink): void {
    const fields: Field[] = [4, 2, id, code, text];
    if (this.version >= 166) fields.push('');
    for (const link of to === undefined ? this.links : [to]) link.send(`error ${code}`, fields);
  }

  /** The charge of an execution, as a message of its own. */
  charge(executionId: string, amount: string, currency = 'USD'): void {
    this.#say('commission', [59, 1, this.execIdOf(executionId), amount, currency, '1.7976931348623157E308', '', '']);
  }

  idsOf(order: EmulatedOrder): WireIds {
    let ids = this.#ids.get(order.id);
    if (ids === undefined) {
      this.#perms += 1;
      ids = { orderId: order.byHand ? 0 : -1, clientId: 0, permId: this.#perms, account: this.accounts[0] ?? '' };
      this.#ids.set(order.id, ids);
    }
    return ids;
  }

  execIdOf(executionId: string): string {
    return this.#execIds.of(executionId);
  }

  #greet(link: ClientLink): void {
    if (this.greeting === 'half open') return;
    link.plain(this.version, layout.gatewayTime(this.clock.now()).replace('US/Eastern', 'EST'));
  }

  #start(link: ClientLink, clientId: number): void {
    if ([...this.links].some((other) => other !== link && other.started && other.clientId === clientId)) {
      this.error(-1, 326, 'Unable to connect as the client id is already in use. Retry with a unique client id.', link);
      link.socket.end();
      return;
    }
    link.clientId = clientId;
    link.started = true;
    if (this.greeting === 'not logged in') return;
    link.plain(15, 1, this.accounts.join(','));
    link.plain(9, 1, this.nextValidId ?? (this.#highest.get(clientId) ?? 0) + 1);
    this.error(-1, 2104, 'Market data farm connection is OK:usfarm', link);
    this.error(-1, 2158, 'Sec-def data farm connection is OK:secdefil', link);
  }

  #request(link: ClientLink, fields: readonly string[]): void {
    const name = nameOf(fields);
    this.seen.push({ name, fields });
    if (!link.started) {
      if (fields[0] === '71') this.#start(link, Number(fields[2]));
      return;
    }
    if (this.#tooFast(link)) return;
    const what = `${name} ${fields[0] === '3' ? (fields[26] ?? '') : (fields[1] ?? '')}`;
    const passes = this.#passes.includes(what);
    const swallowed = this.#swallow.find((each) => each.left > 0 && !passes && what.includes(each.what));
    if (swallowed !== undefined) {
      swallowed.left -= 1;
      return;
    }
    const fault = this.faults.request(what);
    if (fault === 'lose_request') return void link.socket.destroy();
    link.muted = fault === 'silent' || fault === 'lose_answer';
    const refused = this.readOnly ? readOnlyRefusal(name, fields, this.version) : undefined;
    if (refused === undefined) this.#answer(link, name, fields);
    else this.error(refused.id, refused.code, refused.text, link);
    link.muted = false;
    if (fault === 'lose_answer') link.socket.destroy();
    setImmediate(() => link.flush());
  }

  #tooFast(link: ClientLink): boolean {
    if (!this.pacing || link.rate() <= PACE) return false;
    this.error(-1, 100, 'Max rate of messages per second has been exceeded:max=50', link);
    link.socket.destroy();
    return true;
  }

  #answer(link: ClientLink, name: string, fields: readonly string[]): void {
    switch (name) {
      case 'placeOrder':
        this.#place(link, fields);
        return;
      case 'cancelOrder':
        this.#cancel(link, Number(this.version >= 192 ? fields[1] : fields[2]));
        return;
      case 'globalCancel':
        for (const order of this.exchange.openOrders())
          if (order.state !== 'cancel_pending') this.exchange.cancel(order.id);
        return;
      case 'openOrders':
      case 'allOpenOrders':
        this.#lists.openOrders(link);
        return;
      case 'completedOrders':
        this.#lists.completedOrders(link);
        return;
      case 'executions':
        this.#lists.executions(link, Number(fields[2]));
        return;
      case 'positions':
        this.#lists.positions(link);
        return;
      case 'accountSummary':
        this.#lists.summary(link, Number(fields[2]));
        return;
      case 'contractDetails':
        this.#lists.details(link, fields);
        return;
      case 'ids':
        link.send('nextValidId', [9, 1, (this.#highest.get(link.clientId) ?? 0) + 1]);
        return;
      case 'currentTime':
        link.send('currentTime', [49, 1, Math.floor(this.clock.now() / 1_000)]);
        return;
      default:
        this.market.request(link, name, fields, (id, code, text) => this.error(id, code, text, link));
    }
  }

  // Orders.

  #place(link: ClientLink, f: readonly string[]): void {
    const orderId = Number(f[1]);
    const mine = this.#byOrderId(link.clientId, orderId);
    if (mine !== undefined && !hasEnded(mine)) {
      this.exchange.change(mine.id, { quantity: Decimal.parse(f[17] ?? '0') });
      return;
    }
    if (orderId <= 0) {
      this.error(orderId, 10_149, 'Invalid order id: 0', link);
      return;
    }
    if (mine !== undefined || orderId <= (this.#highest.get(link.clientId) ?? 0)) {
      this.error(orderId, 103, 'Duplicate order id', link);
      return;
    }
    this.#highest.set(link.clientId, orderId);
    if (f[27] !== '1') return;
    const asked = askOf(f);
    const known = this.exchange.symbol(asked.symbol) ?? this.market.listOption(asked.symbol);
    if (known === undefined) {
      this.error(orderId, 200, 'No security definition has been found for the request', link);
      return;
    }
    const before = new Set(this.exchange.orders.keys());
    this.#pending = {
      orderId,
      clientId: link.clientId,
      account: f[23] === '' ? (this.accounts[0] ?? '') : (f[23] ?? ''),
    };
    try {
      this.exchange.place(asked);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.error(orderId, 201, `Order rejected - reason:${error.message}`, link);
      for (const id of this.exchange.orders.keys()) if (!before.has(id)) this.exchange.reject(id, error.message);
    } finally {
      this.#pending = undefined;
    }
  }

  #pending: Omit<WireIds, 'permId'> | undefined;

  /** The same order once more under another id, as a change does that came through twice. */
  placeTwice(order: EmulatedOrder, orderId: number): EmulatedOrder {
    this.#pending = { ...this.idsOf(order), orderId };
    try {
      return this.exchange.place(order.ask);
    } finally {
      this.#pending = undefined;
    }
  }

  #cancel(link: ClientLink, orderId: number): void {
    const order = this.#byOrderId(link.clientId, orderId);
    if (order === undefined) {
      this.error(orderId, 10_147, `OrderId ${orderId} that needs to be cancelled is not found.`, link);
      return;
    }
    if (hasEnded(order)) {
      const text = `OrderId ${orderId} that needs to be cancelled cannot be cancelled, state: ${layout.statusOf(order)}.`;
      this.error(orderId, 10_148, text, link);
      return;
    }
    if (order.state !== 'cancel_pending') this.exchange.cancel(order.id);
  }

  #byOrderId(clientId: number, orderId: number): EmulatedOrder | undefined {
    for (const [id, ids] of this.#ids) {
      if (ids.orderId === orderId && ids.clientId === clientId) return this.exchange.orders.get(id);
    }
    return undefined;
  }

  #happened({ kind, order, execution }: ExchangeEvent): void {
    if (this.#pending !== undefined && !this.#ids.has(order.id)) {
      this.#perms += 1;
      this.#ids.set(order.id, { ...this.#pending, permId: this.#perms });
    }
    switch (kind) {
      case 'received':
      case 'open':
      case 'cancel_pending':
        this.#sayOrder(order);
        return;
      case 'fill':
      case 'partial_fill':
        if (execution !== undefined) this.sayExecution(order, execution);
        this.#sayOrder(order, 'repeated');
        return;
      case 'cancelled':
        this.#sayOrder(order);
        this.#sayError(order, 202, `Order Canceled - reason:${order.reason}`);
        return;
      case 'rejected':
        this.#sayError(order, 201, `Order rejected - reason:${order.reason}`);
        this.#sayOrder(order);
        return;
      case 'expired':
        this.#sayOrder(order);
        return;
      case 'bust':
        if (execution !== undefined) this.#correct(order, execution.id, { ...execution, quantity: Decimal.ZERO });
        return;
      case 'correct':
        if (execution !== undefined) this.#correct(order, execution.corrects, execution);
        return;
      case 'replaced':
      case 'cancel_refused':
    }
  }

  #say(name: string, fields: readonly Field[]): void {
    const more = this.unknownFields ? ['new', '1'] : [];
    for (const link of this.links) if (link.started) link.send(name, [...fields, ...more]);
  }

  #sayOrder(order: EmulatedOrder, how: 'once' | 'repeated' = 'once'): void {
    const ids = this.idsOf(order);
    this.#say('openOrder', layout.openOrder(order, ids, this.version));
    this.#say('orderStatus', layout.orderStatus(order, ids));
    if (how === 'repeated') this.#say('orderStatus', layout.orderStatus(order, ids));
  }

  #sayError(order: EmulatedOrder, code: number, text: string): void {
    const ids = this.idsOf(order);
    for (const link of this.links)
      if (link.started && link.clientId === ids.clientId) this.error(ids.orderId, code, text, link);
  }

  sayExecution(order: EmulatedOrder, execution: EmulatedExecution, request = -1, to?: ClientLink): void {
    const { quantity, price, cumulative, at } = execution;
    const done = { id: this.execIdOf(execution.id), time: layout.gatewayTime(at), quantity, price, cumulative };
    const fields = layout.execution(order, done, this.idsOf(order), { request, version: this.version });
    const charged = [59, 1, done.id, execution.fee, 'USD', '1.7976931348623157E308', '', ''];
    for (const link of to === undefined ? this.links : [to]) {
      if (!link.started) continue;
      link.send('execution', fields);
      if (this.charges === 'at once' || to !== undefined) link.send('commission', charged);
      if (this.charges === 'pending first' && to === undefined)
        link.send('commission', [59, 1, done.id, -1, '', '', '', '']);
    }
  }

  /** The same execution in its next version. */
  #correct(order: EmulatedOrder, corrects: string | null, execution: EmulatedExecution): void {
    if (corrects === null) return;
    this.#execIds.correct(corrects, execution.id);
    this.sayExecution(order, execution);
  }
}
