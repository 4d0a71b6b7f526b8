import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { canonicalSymbol } from '../../events/names.js';
import { networkError, TradeBotError } from '../../kernel/errors.js';
import { epochMs, type Clock } from '../../kernel/time.js';
import type { BrokerOrder, ClosedPosition } from '../../ports/order-entry.js';
import type { AlpacaRest, BulkLine } from './alpaca-rest.js';
import type { OrderDesk } from './order-desk.js';
import { ordersSince } from './order-lists.js';
import { isMadeByBroker, type AlpacaOrder } from './orders.js';
import { messageOf, refusalOf } from './refusals.js';

/** The clocks of both sides may differ by so much. */
const SKEW_MS = 60_000;

/** Cancels and closes everything in one call each; every line of the answer is read. */
export class BulkOrders {
  /** While all positions are being closed: the orders of it come on the stream before their names are known. */
  #closing: Promise<void> | undefined;

  constructor(
    private readonly rest: AlpacaRest,
    private readonly desk: OrderDesk,
    private readonly clock: Clock,
  ) {}

  /** Waits until the name of an order of the broker is known; undefined when it needs none. */
  namedLater(order: AlpacaOrder): Promise<void> | undefined {
    const isOurs = this.desk.brokerIdOf(this.desk.idOf(order)) !== undefined;
    return isOurs ? undefined : this.#closing;
  }

  /** @throws NetworkError reconcile CANCEL_INCOMPLETE when an order was not cancelled */
  async cancelAll(): Promise<void> {
    const failed = (await this.rest.cancelAll()).filter(
      ({ isDone, answer }) => !isDone && !hasEndedMeanwhile(answer.status),
    );
    const [first] = failed;
    if (first === undefined) return;
    throw networkError('reconcile', {
      code: 'CANCEL_INCOMPLETE',
      message: `ALPACA did not cancel ${failed.length} orders, among them ${first.name.slice(0, 60)}: ${messageOf(first.answer)}`,
      remedy: 'The open orders are read again, and cancelled one by one.',
    });
  }

  /** Closes all positions; those of `ids` are reported under the given ids. @throws NetworkError reconcile without a whole answer */
  async closeAll(ids: ReadonlyMap<TickerSymbol, ClientOrderId>): Promise<void> {
    let done: () => void = () => undefined;
    this.#closing = new Promise((resolve) => (done = resolve));
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
    const { clientOrderId, symbol, side, quantity, since } = closed;
    const orders = await ordersSince(this.rest, epochMs(since - SKEW_MS));
    const closing = orders.filter(
      (order) =>
        order.symbol === symbol &&
        order.side === side &&
        order.type === 'market' &&
        order.quantity?.equals(quantity) === true &&
        isMadeByBroker(order.clientId) &&
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

function hasEndedMeanwhile(status: number): boolean {
  return status === 422 || status === 404;
}
