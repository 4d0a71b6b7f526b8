import type { ClientOrderId } from '../../events/names.js';
import type { EpochMs } from '../../kernel/time.js';
import type { BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';
import type { VenueSession } from './venue.js';
import type { SimAccount } from './account.js';
import type { SimMarket } from './market.js';
import { SmallCommissions } from './fees.js';
import { isOpen, seal, type SimOrder, type UpdateFacts } from './order.js';
import type { SimProfile } from './profile.js';
import type { KeyedRandom } from './random.js';
import { Agenda, offWholeSecond } from './timing.js';

/** The receiver of the exchange's updates. */
export interface VenueSink {
  update(update: BrokerUpdate): void;
  line(status: BrokerStatus, refuses: 'orders' | 'everything' | 'nothing'): void;
}

export interface CoreParts {
  readonly accountId: string;
  readonly profile: SimProfile;
  readonly random: KeyedRandom;
  readonly market: SimMarket;
  readonly sink: VenueSink;
}

/** Shared by matching and order desk: the session's orders, its agenda, and the one way to send an update. */
export class ExchangeCore {
  readonly agenda = new Agenda();
  readonly smallCommissions = new SmallCommissions();
  readonly orders = new Map<ClientOrderId, SimOrder>();
  private readonly open = new Set<SimOrder>();

  constructor(
    readonly parts: CoreParts,
    readonly session: VenueSession,
    readonly account: SimAccount,
  ) {}

  add(order: SimOrder): void {
    this.orders.set(order.request.clientOrderId, order);
    this.open.add(order);
  }

  openOrders(): Iterable<SimOrder> {
    return this.open;
  }

  /** Plans the next step of an order: never before its previous one, never on a whole second. */
  plan(order: SimOrder, at: number, what: string, run: (at: EpochMs) => void): EpochMs {
    const due = offWholeSecond(Math.max(at, order.lastAt + 1) as EpochMs);
    this.agenda.plan({
      at: due,
      key: `order/${order.request.clientOrderId}/${what}`,
      run: (now) => {
        order.lastAt = now;
        run(now);
      },
    });
    return due;
  }

  /** Records an update of an order, and reports it unless the order is unreported. */
  report(order: SimOrder, facts: UpdateFacts, times = 1): BrokerUpdate {
    const update = seal(order, facts);
    order.updates.push(update);
    if (!isOpen(order)) this.open.delete(order);
    for (let n = 0; order.reported && n < times; n += 1) this.parts.sink.update(update);
    return update;
  }

  /** The seeded number for this order. */
  draw(order: SimOrder, low: number, high: number, purpose: string, index = 0): number {
    return this.parts.random.between(low, high, order.request.clientOrderId, purpose, index);
  }
}
