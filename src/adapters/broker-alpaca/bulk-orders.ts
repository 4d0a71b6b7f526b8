import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { canonicalSymbol } from '../../events/names.js';
import { networkError, TradeBotError } from '../../kernel/errors.js';
import { epochMs, type Clock } from '../../kernel/time.js';
import type { BrokerOrder, ClosedPosition } from '../../ports/order-entry.js';
import type { AlpacaRest, BulkLine } from './alpaca-rest.js';
import type { OrderDesk } from './order-desk.js';
import { ordersSince } from './order-lists.js';
import { isMadeByBroker, type AlpacaOrder } from './orders.js';
import { hasEnded, messageOf, refusalOf } from './refusals.js';

/** The clocks of both sides may differ by so much. */
const SKEW_MS = 60_000;

/** A call that closes all positions, until it is answered. */
interface Closing {
  readonly closed: ReadonlyMap<TickerSymbol, ClosedPosition>;
  readonly answered: Promise<void>;
}

/** Cancels and closes everything in one call each; every line of the answer is read. */
export class BulkOrders {
  /** While all positions are being closed: the orders of it come on the stream before the answer of the call. */
  #closing: Closing | undefined;

  constructor(
    private readonly rest: AlpacaRest,
    private readonly desk: OrderDesk,
    private readonly clock: Clock,
  ) {}

  /**
   * Gives an order of the broker its name: one that closes exactly a position of the call under way is the order of that call, and
   * what it traded does not wait for the answer. One of other shares of the position waits for it; undefined when nothing waits.
   */
  namedLater(order: AlpacaOrder): Promise<void> | undefined {
    const isOurs = this.desk.brokerIdOf(this.desk.idOf(order)) !== undefined;
    const closed = this.#closing?.closed.get(order.symbol);
    if (isOurs || closed === undefined || !mayClose(order, closed)) return undefined;
    const isNamed = this.desk.brokerIdOf(closed.clientOrderId) !== undefined;
    if (isNamed || order.quantity?.equals(closed.quantity) !== true) return this.#closing?.answered;
    this.desk.name(order.id, closed.clientOrderId);
    return undefined;
  }

  /** @throws NetworkError reconcile CANCEL_INCOMPLETE when an order was not cancelled */
  async cancelAll(): Promise<void> {
    const failed = (await this.rest.cancelAll()).filter(({ isDone, answer }) => !isDone && !hasEnded(answer));
    const [first] = failed;
    if (first === undefined) return;
    throw networkError('reconcile', {
      code: 'CANCEL_INCOMPLETE',
      message: `ALPACA did not cancel ${failed.length} orders, among them ${first.name.slice(0, 60)}: ${messageOf(first.answer)}`,
      remedy: 'The open orders are read again, and cancelled one by one.',
    });
  }

  /** Closes all positions; the given ones are reported under their ids. @throws NetworkError reconcile without a whole answer */
  async closeAll(positions: readonly ClosedPosition[]): Promise<void> {
    let done: () => void = () => undefined;
    const ids = new Map(positions.map(({ symbol, clientOrderId }) => [symbol, clientOrderId]));
    this.#closing = {
      closed: new Map(positions.map((position) => [position.symbol, position])),
      answered: new Promise((resolve) => (done = resolve)),
    };
    const from = epochMs(this.clock.now() - SKEW_MS);
    try {
      const lines = await this.rest.closeAll();
      for (const line of lines) this.#take(line, ids);
    } catch (error) {
      // the positions may be closing: orders that nobody here placed since then are the ones
      if (error instanceof TradeBotError && error.callerMust === 'reconcile') await this.#findOrders(ids, from);
      throw error;
    } finally {
      this.#closing = undefined;
      done();
    }
  }

  /**
   * The order by which an earlier process closed a position together with others: the newest one that nobody gave an id, and that
   * closes exactly this position. One that an earlier exit of the position led to is older than this exit.
   */
  async closingOrder(closed: ClosedPosition): Promise<BrokerOrder | undefined> {
    const { clientOrderId, symbol, quantity, since } = closed;
    const orders = await ordersSince(this.rest, epochMs(since - SKEW_MS));
    const closing = orders.filter(
      (order) =>
        order.symbol === symbol &&
        order.quantity?.equals(quantity) === true &&
        mayClose(order, closed) &&
        !this.desk.isNamed(order.id),
    );
    const found = closing.find(({ placedAt }) => placedAt >= since) ?? closing[0];
    if (found === undefined) return undefined;
    this.desk.name(found.id, clientOrderId);
    return this.desk.answer(found);
  }

  #take(line: BulkLine, ids: ReadonlyMap<TickerSymbol, ClientOrderId>): void {
    const id = ids.get(canonicalSymbol(line.name));
    if (line.order !== undefined) {
      if (id !== undefined) this.desk.name(line.order.id, id);
      // the kill does not wait for the records of what has traded already; the next look reads what cannot be read now
      this.desk.learn(line.order).catch(() => undefined);
      return;
    }
    if (line.isDone || id === undefined) return;
    const { code, message } = refusalOf(line.answer, `the close of ${line.name}`);
    const { rawSha256 } = line.answer;
    this.desk.updates$.next({
      kind: 'rejected',
      at: this.clock.now(),
      clientOrderId: id,
      brokerOrderId: '',
      rawSha256,
      code,
      message,
    });
  }

  async #findOrders(ids: ReadonlyMap<TickerSymbol, ClientOrderId>, from: ReturnType<Clock['now']>): Promise<void> {
    try {
      const orders = await ordersSince(this.rest, from);
      for (const [symbol, id] of ids) {
        // the stream named it already
        if (this.desk.brokerIdOf(id) !== undefined) continue;
        const foreign = orders.filter(
          (order) => order.symbol === symbol && this.desk.brokerIdOf(this.desk.idOf(order)) === undefined,
        );
        // the newest one closes the position; an order that was placed by a person in the same minute may be meant, so only one is
        const [order, ...others] = foreign;
        if (order === undefined || others.length > 0) continue;
        this.desk.name(order.id, id);
        await this.desk.learn(order);
      }
    } catch {
      // the engine asks for each id; what cannot be read now is asked for later
    }
  }
}

/** Whether an order is one that the broker made itself, of the side and kind that closes a position; its shares are not looked at. */
function mayClose(order: AlpacaOrder, { side, since }: ClosedPosition): boolean {
  const isInTime = order.placedAt >= since - SKEW_MS;
  return order.side === side && order.type === 'market' && isMadeByBroker(order.clientId) && isInTime;
}
