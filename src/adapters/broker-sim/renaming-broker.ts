import { map } from 'rxjs';
import type { ClientOrderId } from '../../events/names.js';
import { wrapBroker, type Broker } from '../../ports/broker.js';
import type { BrokerOrder } from '../../ports/order-entry.js';

/**
 * A broker that knows our orders under other ids, one to one. The simulated broker's random draws depend on the order
 * id: so a replay whose orders are numbered differently gets the draws of the original orders.
 */
export function renamingBroker(inner: Broker, names: OrderNames): Broker {
  return wrapBroker(inner, (_name, call) => call(), {
    orderUpdates$: inner.orderUpdates$.pipe(map((update) => names.ours(update))),
    submit: (order) => inner.submit({ ...order, clientOrderId: names.theirs(order.clientOrderId) }),
    cancel: (id) => inner.cancel(names.theirs(id)),
    orderByClientId: async (id) => {
      const found = await inner.orderByClientId(names.theirs(id));
      return found === undefined ? undefined : ourOrder(names, found);
    },
    openOrders: async () => {
      const open = await inner.openOrders();
      return open.map((order) => names.oursIfAny(order));
    },
    activities: async (...page) => {
      const found = await inner.activities(...page);
      return found.map((each) => (each.kind === 'fill' ? { ...each, update: names.ours(each.update) } : each));
    },
  });
}

/**
 * Our client order ids and those that the broker knows instead; a broker after a restart needs those of its predecessor.
 * `rename` is called once per order, when it is submitted; its answers must be distinct.
 */
export class OrderNames {
  readonly #there = new Map<ClientOrderId, ClientOrderId>();
  readonly #back = new Map<ClientOrderId, ClientOrderId>();

  constructor(private readonly rename: (ours: ClientOrderId) => ClientOrderId) {}

  theirs(ours: ClientOrderId): ClientOrderId {
    const known = this.#there.get(ours);
    if (known !== undefined) return known;
    const theirs = this.rename(ours);
    this.#there.set(ours, theirs);
    this.#back.set(theirs, ours);
    return theirs;
  }

  /** An order that we never submitted, such as one made by hand at the broker, keeps its id. */
  ours<T extends { readonly clientOrderId: ClientOrderId }>(named: T): T {
    return { ...named, clientOrderId: this.#back.get(named.clientOrderId) ?? named.clientOrderId };
  }

  /** The same for an order that may have no id of ours. */
  oursIfAny<T extends { readonly clientOrderId: ClientOrderId | null }>(named: T): T {
    const { clientOrderId: theirs } = named;
    return theirs === null ? named : { ...named, clientOrderId: this.#back.get(theirs) ?? theirs };
  }
}

function ourOrder(names: OrderNames, order: BrokerOrder): BrokerOrder {
  return { ...names.ours(order), updates: order.updates.map((update) => names.ours(update)) };
}
