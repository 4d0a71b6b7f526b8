import type { ClientOrderId } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import type { Clock } from '../../kernel/time.js';
import { RunningTimer } from '../clock/running-timer.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import type { LineFrame, LineOptions, LinePauses, WireLine } from '../broker-common/line.js';
import { fillsOfOrder } from './activities.js';
import type { AlpacaRest } from './alpaca-rest.js';
import { executionIdOf } from './fills.js';
import { NewsReader, type TakesBack } from './news-reader.js';
import type { OrderDesk } from './order-desk.js';
import { PAGE } from './order-lists.js';
import type { AlpacaOrder } from './orders.js';
import { bustedExecution, correctedExecution } from './past-executions.js';
import { tradeUpdates, type TradeUpdate } from './trade-updates.js';

export interface ConnectionOptions {
  readonly account: BrokerAccountAddress;
  readonly clock: Clock;
  readonly raw: RawFrames;
  readonly rest: AlpacaRest;
  readonly desk: OrderDesk;
  readonly pauses?: LinePauses;
  readonly lookEveryMs?: number;
  /** Resolves when the name of an order is known that a call under way gives it; undefined when it needs none. */
  readonly namedLater: (order: AlpacaOrder) => Promise<void> | undefined;
  readonly onState: LineOptions['onState'];
}

/** A stream that loses frames is noticed by looking: an execution is known within 5 seconds without it. */
const LOOK_EVERY_MS = 3_000;
/** How long `open` waits for the stream; without it the state says why. */
const OPEN_WITHIN_MS = 10_000;
const MOST_CACHED = 2_000;
/** Looks in which an order is not found before it counts as purged. */
const LOOKS_FOR_MISSING = 20;

/**
 * The connection to the account: the stream of reports, and a look at the list of orders while some are live, since the stream may be
 * down or lose frames.
 */
export class AlpacaConnection {
  #line: WireLine | undefined;
  #timer: RunningTimer | undefined;
  #looking: Promise<void> | undefined;
  #opened: () => void = () => undefined;
  readonly #news = new NewsReader();
  readonly #orders = new Map<string, AlpacaOrder>();
  readonly #missing = new Map<ClientOrderId, number>();

  constructor(private readonly options: ConnectionOptions) {}

  /** Between `open` and `close`. */
  get isWanted(): boolean {
    return this.#line !== undefined;
  }

  get isUp(): boolean {
    return this.#line?.isConnected === true;
  }

  /** Resolves when the stream is up, or has said why it is not. */
  async open(): Promise<void> {
    if (this.#line !== undefined) return;
    const first = new Promise<void>((resolve) => (this.#opened = resolve));
    const limit = new RunningTimer(OPEN_WITHIN_MS, () => this.#opened());
    const { account, raw, pauses, onState } = this.options;
    this.#line = tradeUpdates({
      account,
      raw,
      ...(pauses === undefined ? {} : { pauses }),
      onUpdate: (update) => void this.#take(update),
      onUnreadable: (frame, reason) => this.#unreadable(frame, reason),
      onOpen: () => this.#catchUp(),
      onState: (state, reason, code) => {
        onState(state, reason, code);
        this.#opened();
      },
    });
    this.#line.open();
    this.#lookLater();
    await first;
    limit.cancel();
  }

  close(): void {
    this.#timer?.cancel();
    this.#line?.close('disconnected on request');
    this.#line = undefined;
  }

  /** A stream that is logged in continues after its key is revoked; REST reports it first. */
  keyRefused(reason: string): void {
    this.#line?.logInAgain(reason, 'KEY_REFUSED');
  }

  /** Reads one order again; false when the broker has none. */
  async look(id: ClientOrderId): Promise<boolean> {
    const { desk, rest } = this.options;
    const brokerId = desk.brokerIdOf(id);
    const order = brokerId === undefined ? await rest.orderByClientId(id) : await rest.orderById(brokerId);
    if (order !== undefined) await desk.learn(order);
    return order !== undefined;
  }

  /** The order of an execution in the records. */
  async orderOfRecord(brokerOrderId: string): Promise<AlpacaOrder | undefined> {
    const known = this.#orders.get(brokerOrderId);
    if (known !== undefined) return known;
    const order = await this.options.rest.orderById(brokerOrderId);
    if (order === undefined) return undefined;
    if (this.#orders.size >= MOST_CACHED) this.#orders.clear();
    this.#orders.set(brokerOrderId, order);
    return order;
  }

  /** What was missed; a key that only the stream takes is no connection. */
  async #catchUp(): Promise<void> {
    await this.options.rest.clock();
    await this.#lookAtAll();
  }

  #lookLater(): void {
    this.#timer = new RunningTimer(this.options.lookEveryMs ?? LOOK_EVERY_MS, () => {
      void this.#lookAtAll()
        // an answer that does not come is asked for again at the next look
        .catch(() => undefined)
        .then(() => {
          if (this.isWanted) this.#lookLater();
        });
    });
  }

  /** A look that begins now: one that is under way may have its answer from before. */
  async #lookAtAll(): Promise<void> {
    while (this.#looking !== undefined) await this.#looking.catch(() => undefined);
    this.#looking = this.#compare().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  /** Compares the live orders with the list of open ones; one that is missing there is asked for. */
  async #compare(): Promise<void> {
    const { desk, rest } = this.options;
    const live = desk.live();
    if (live.length === 0) return;
    const listed = await rest.orders({ status: 'open', direction: 'desc', limit: String(PAGE) });
    const open = new Map(listed.map((order) => [order.id, order]));
    for (const { id, brokerOrderId } of live) {
      const order = open.get(brokerOrderId);
      if (order !== undefined) await desk.learn(order);
      else if (!(await this.look(id))) this.#notFound(id);
    }
  }

  /** An order that the broker does not find for a while is purged: it is not asked for any more. */
  #notFound(id: ClientOrderId): void {
    const count = (this.#missing.get(id) ?? 0) + 1;
    this.#missing.set(id, count);
    if (count < LOOKS_FOR_MISSING) return;
    this.#missing.delete(id);
    this.options.desk.giveUp(id);
  }

  async #take(update: TradeUpdate): Promise<void> {
    try {
      const news = this.#news.read(update);
      await this.options.namedLater(news.order);
      if (news.unknown !== undefined) this.#unreadable(update.frame, news.unknown, news.order);
      const { takesBack, order } = news;
      if (takesBack === undefined) await this.options.desk.learn(order, news.fill);
      else await this.options.desk.inTurn(order, () => this.#takeBack(order, takesBack, update));
    } catch (error) {
      this.#unreadable(update.frame, error instanceof Error ? error.message : 'it cannot be read');
    }
  }

  /**
   * A bust or a correction is of an execution that the stream reported; its own id is known in the process that saw it. Of one that an
   * earlier process saw, the records show which it is.
   */
  async #takeBack(order: AlpacaOrder, takesBack: TakesBack, { frame }: TradeUpdate): Promise<void> {
    const { desk } = this.options;
    const executionId = this.#news.nameOf(takesBack.wireId) ?? (await this.#pastExecution(order, takesBack));
    if (executionId === undefined) {
      this.#unreadable(frame, `execution ${takesBack.wireId.slice(0, 80)} of a ${takesBack.event} is not known`, order);
      return;
    }
    const head = {
      at: takesBack.at,
      clientOrderId: desk.idOf(order),
      brokerOrderId: order.id,
      rawSha256: frame.rawSha256,
    };
    desk.forgetFills(order.id);
    if (takesBack.corrected === undefined) {
      desk.updates$.next({ ...head, kind: 'busted', executionId, reason: 'busted by the exchange' });
      return;
    }
    const { quantity, price, fill } = takesBack.corrected;
    desk.updates$.next({
      ...head,
      kind: 'corrected',
      correctsExecutionId: executionId,
      executionId: executionIdOf(fill),
      ...{ symbol: order.symbol, side: order.side, quantity, price },
      ...{ commission: Decimal.ZERO, fee: Decimal.ZERO, filledAt: fill.at },
    });
  }

  /** Our id of an execution that an earlier process saw; undefined when the records do not say which it is. */
  async #pastExecution(order: AlpacaOrder, { corrected, shares }: TakesBack): Promise<string | undefined> {
    try {
      const records = await fillsOfOrder(this.options.rest, order.id, order.placedAt);
      const found =
        corrected === undefined ? bustedExecution(order, records, shares) : correctedExecution(records, corrected);
      return found === undefined ? undefined : executionIdOf(found);
    } catch {
      // without an answer it stays a report for a person
      return undefined;
    }
  }

  /** The engine records a report of a kind that it does not know, with its evidence, and continues. */
  #unreadable(frame: LineFrame, reason: string, order?: AlpacaOrder): void {
    const { clock, desk } = this.options;
    const report = {
      kind: `unknown report (${reason.slice(0, 120)})`,
      at: clock.now(),
      clientOrderId: order === undefined ? '' : desk.idOf(order),
      brokerOrderId: order?.id ?? '',
      rawSha256: frame.rawSha256,
    };
    desk.updates$.next(report as unknown as BrokerUpdate);
  }
}
