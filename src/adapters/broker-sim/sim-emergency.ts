import { setTimeout as pause } from 'node:timers/promises';
import type { ExchangeSession } from '../../domain/calendar/nyse.js';
import type { MarketSlice } from '../../domain/market/types.js';
import type { ClientOrderId } from '../../events/names.js';
import { plusMs, type Clock, type EpochMs } from '../../kernel/time.js';
import type { BrokerPosition } from '../../ports/account-queries.js';
import type { EmergencyBroker } from '../../ports/emergency-broker.js';
import type { RecordedSession } from '../../ports/market-data.js';
import type { BrokerOrder, OpenOrder, OrderRequest } from '../../ports/order-entry.js';
import type { VirtualClock } from '../clock/virtual-clock.js';
import type { SimBroker } from './sim-broker.js';

export interface SimEmergencyParts {
  readonly broker: SimBroker;
  /** The clock of the exchange; it follows `world`. */
  readonly venueClock: VirtualClock;
  readonly world: Clock;
  /** The session that is open now and its market; undefined while the exchange is closed. */
  readonly open: { readonly day: ExchangeSession; readonly market: RecordedSession } | undefined;
  readonly close: () => void;
}

/** The simulator's account without journal and engine: the day is played again from its own store, up to now. */
export class SimEmergency implements EmergencyBroker {
  readonly code: string;
  readonly clientIdLength: number;
  #slices: Iterator<MarketSlice> | undefined;
  #next: MarketSlice | undefined;

  private constructor(private readonly parts: SimEmergencyParts) {
    this.code = parts.broker.code;
    this.clientIdLength = parts.broker.capabilities.clientIdLength;
  }

  /** Throws what the simulator throws for a day that it cannot open. */
  static async open(parts: SimEmergencyParts): Promise<SimEmergency> {
    const emergency = new SimEmergency(parts);
    await parts.broker.connect();
    if (parts.open !== undefined) emergency.#begin(parts.open);
    return emergency;
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    this.#catchUp();
    return this.parts.broker.openOrders();
  }

  positions(): Promise<readonly BrokerPosition[]> {
    this.#catchUp();
    return this.parts.broker.positions();
  }

  submit(order: OrderRequest): Promise<void> {
    this.#catchUp();
    return this.parts.broker.submit(order);
  }

  cancel(clientOrderId: ClientOrderId): Promise<void> {
    this.#catchUp();
    return this.parts.broker.cancel(clientOrderId);
  }

  orderByClientId(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined> {
    this.#catchUp();
    return this.parts.broker.orderByClientId(clientOrderId);
  }

  async wait(ms: number): Promise<void> {
    await pause(ms);
    this.#catchUp();
  }

  close(): void {
    this.parts.close();
  }

  #begin({ day, market }: NonNullable<SimEmergencyParts['open']>): void {
    const { date, opensAt, closesAt } = day;
    this.#moveTo(opensAt);
    this.parts.broker.openSession({ date, opensAt, closesAt, references: market.references });
    this.#slices = market.slices(opensAt, closesAt)[Symbol.iterator]();
    this.#takeNext();
    this.#catchUp();
  }

  #takeNext(): void {
    const next = this.#slices?.next();
    this.#next = next?.done === false ? next.value : undefined;
  }

  /** Plays the exchange up to the world's time, but not past the end of the session. */
  #catchUp(): void {
    const { open, world, broker } = this.parts;
    if (open === undefined) return;
    const last = plusMs(open.day.closesAt, -1);
    const now = world.now() < last ? world.now() : last;
    while (this.#next !== undefined && this.#next.start <= now) {
      this.#playTo(this.#next.start);
      broker.openMinute(this.#next);
      this.#takeNext();
    }
    this.#playTo(now);
  }

  #playTo(to: EpochMs): void {
    const { broker } = this.parts;
    for (let at = broker.nextAt(); at !== undefined && at <= to; at = broker.nextAt()) {
      this.#moveTo(at);
      broker.advanceTo(at);
    }
    this.#moveTo(to);
  }

  #moveTo(at: EpochMs): void {
    const { venueClock } = this.parts;
    if (at > venueClock.now()) venueClock.advanceTo(at);
  }
}
