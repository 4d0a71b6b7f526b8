import { TradeBotError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import type { Clock } from '../../kernel/time.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';
import type { Stopwatch } from '../../ports/stopwatch.js';
import { RunningTimer } from '../clock/running-timer.js';
import type { CallUse } from '../broker-common/rate-budget.js';
import type { OrderTracker } from './order-tracker.js';
import type { TradierApi } from './tradier-api.js';
import { readDetail, readOrders, type TradierOrder } from './wire-order.js';

/** Pauses of the steady look, in milliseconds. */
export interface LookPauses {
  /** While an order is open. */
  readonly busyMs: number;
  readonly idleMs: number;
}

export interface OrderLookOptions {
  readonly api: TradierApi;
  readonly tracker: OrderTracker;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly pauses: LookPauses;
  readonly onUpdates: (updates: readonly BrokerUpdate[]) => void;
  /** Undefined after a look that succeeded. */
  readonly onLook: (fault: unknown) => void;
}

/** One look at the list of orders. */
export interface Look {
  readonly orders: readonly TradierOrder[];
  /** Machine time at which it was asked for. */
  readonly askedAt: number;
}

/** Looks that fail one after the other, after which the broker counts as lost. */
export const LOST_AFTER = 3;
/** The looks that are remembered: as proof that an order is absent. */
const MOST_REMEMBERED = 1_000;
/** Hints that come together lead to one look. */
const HINT_MS = 20;
/** An order that its own address does not know either, this many times, is one that the broker has forgotten. */
const FORGOTTEN_AFTER = 3;
/** When half the calls of a minute are used, the pauses grow by this. */
const THRIFT = 1.5;
/** Orders that are missing from a list are asked for one by one, this many in one look. */
const MOST_DETAILS = 4;

/**
 * Looks at the list of orders, again and again: more often while an order is open, and at once after a hint. It is the only source of
 * reports; the stream of account events only says when to look.
 */
export class OrderLook {
  readonly #askedAt: number[] = [];
  #running: Promise<Look> | undefined;
  #timer: RunningTimer | undefined;
  #stopped = true;
  #hinted = false;
  /** Looks that failed without an answer, one after the other; a token that is refused waits for a person. */
  #failures = 0;
  readonly #unknownTimes = new Map<string, number>();

  constructor(private readonly options: OrderLookOptions) {}

  start(): void {
    this.#stopped = false;
    this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    this.#hinted = false;
    this.#timer?.cancel();
  }

  /** Something may have changed: looks at once. */
  hint(): void {
    if (this.#stopped || this.#hinted) return;
    this.#hinted = true;
    this.#timer?.cancel();
    this.#timer = new RunningTimer(HINT_MS, () => void this.#steady());
  }

  /** A look that is asked for from now on; @throws what the list threw: it is never taken as empty. */
  async fresh(use: CallUse = 'closing'): Promise<Look> {
    // one that is under way may have been answered before the moment that is asked about
    if (this.#running !== undefined) await this.#running.catch(() => undefined);
    this.#running ??= this.#look(use).finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Looks that were asked for after `since` and succeeded. */
  looksSince(since: number): number {
    return this.#askedAt.filter((at) => at >= since).length;
  }

  /** Shows one order by its own address: an order may be missing from the list for a while. */
  async detail(id: string): Promise<void> {
    const { api, tracker, clock, onUpdates } = this.options;
    const { value, rawSha256 } = await api.order(id);
    const order = readDetail(value);
    if (order?.id === id) onUpdates(tracker.take([order], rawSha256, clock.now()));
  }

  async #look(use: CallUse): Promise<Look> {
    const { api, tracker, clock, stopwatch, onUpdates, onLook } = this.options;
    const askedAt = stopwatch.elapsedMs();
    try {
      const { value, rawSha256 } = await api.orders(use);
      const orders = readOrders(value);
      this.#askedAt.push(askedAt);
      if (this.#askedAt.length > MOST_REMEMBERED) this.#askedAt.shift();
      onUpdates(tracker.take(orders, rawSha256, clock.now()));
      this.#failures = 0;
      onLook(undefined);
      return { orders, askedAt };
    } catch (error) {
      const isRefused = error instanceof TradeBotError && error.callerMust === 'refuse';
      this.#failures = isRefused ? 0 : this.#failures + 1;
      if (this.#failures === LOST_AFTER) this.#wait();
      onLook(error);
      throw error;
    }
  }

  async #steady(): Promise<void> {
    this.#hinted = false;
    try {
      const { orders } = await this.fresh('ordinary');
      const missing = this.options.tracker.openButMissing(orders);
      for (const id of missing.filter((one) => !this.#isForgotten(one)).slice(0, MOST_DETAILS)) await this.#missing(id);
    } catch (error) {
      // a look reports its own faults, and the next one follows in any case
      if (!(error instanceof TradeBotError)) this.options.onLook(error);
    }
    this.#wait();
  }

  async #missing(id: string): Promise<void> {
    try {
      await this.detail(id);
      this.#unknownTimes.delete(id);
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'UNKNOWN_ORDER') throw error;
      this.#unknownTimes.set(id, (this.#unknownTimes.get(id) ?? 0) + 1);
      const { tracker, clock, onUpdates } = this.options;
      if (this.#isForgotten(id)) onUpdates(tracker.gone(id, sha256Hex(error.message), clock.now()));
    }
  }

  #isForgotten(id: string): boolean {
    return (this.#unknownTimes.get(id) ?? 0) >= FORGOTTEN_AFTER;
  }

  /** A broker that is lost is looked at as often as one with an open order: what waits for it waits no longer than that. */
  get #isLost(): boolean {
    return this.#failures >= LOST_AFTER;
  }

  #wait(): void {
    // a hint that came meanwhile has its own timer
    if (this.#stopped || this.#hinted) return;
    const { api, tracker, pauses } = this.options;
    const isBusy = this.#isLost || tracker.openIds.some((id) => !this.#isForgotten(id));
    const pause = isBusy ? pauses.busyMs : pauses.idleMs;
    const thrift = api.isHalfUsed ? THRIFT : 1;
    this.#timer?.cancel();
    this.#timer = new RunningTimer(Math.ceil(pause * thrift), () => void this.#steady());
  }
}
