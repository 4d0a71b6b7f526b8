import type { AccountQueries } from './account-queries.js';
import type { BrokerConnection } from './broker-connection.js';
import type { OrderEntry } from './order-entry.js';
import type { ReferenceData } from './reference-data.js';

/** The broker as a whole (TRD-60); adapters write neither the ledger nor files of the bot. */
export interface Broker extends OrderEntry, AccountQueries, ReferenceData, BrokerConnection {}

/** The members of a broker that return a promise, also those that not every broker has. */
export type BrokerCallName = {
  [Name in keyof Broker]-?: Required<Broker>[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof Broker];

/**
 * Whether a call may be repeated without a response. An order is sent once: without a response the engine queries it by
 * id.
 */
export const BROKER_CALLS: Readonly<Record<BrokerCallName, 'repeatable' | 'once'>> = {
  submit: 'once',
  cancel: 'once',
  cancelAll: 'once',
  closeAll: 'once',
  replace: 'once',
  orderByClientId: 'once',
  closingOrder: 'once',
  openOrders: 'repeatable',
  account: 'repeatable',
  positions: 'repeatable',
  position: 'repeatable',
  activities: 'repeatable',
  asset: 'repeatable',
  clock: 'repeatable',
  calendar: 'repeatable',
  optionChain: 'repeatable',
  connect: 'repeatable',
  disconnect: 'once',
  selfCheck: 'repeatable',
};

/** Wraps one call; `call` calls the broker below. */
export type AroundCall = <T>(name: BrokerCallName, call: () => Promise<T>) => Promise<T>;

type AnyCall = (...args: unknown[]) => Promise<unknown>;

/** A broker whose calls go through `around` to the broker below; `own` members replace those below. */
export function wrapBroker(below: Broker, around: AroundCall, own: Partial<Broker> = {}): Broker {
  const { code, capabilities, orderUpdates$, status$ } = below;
  const names = (Object.keys(BROKER_CALLS) as BrokerCallName[]).filter((name) => below[name] !== undefined);
  const calls = names.map((name): [BrokerCallName, AnyCall] => [
    name,
    (...args) => around(name, () => (below[name] as AnyCall).apply(below, args)),
  ]);
  const budget = below.budget === undefined ? {} : { budget: below.budget.bind(below) };
  const charges = below.awaitsCharges === undefined ? {} : { awaitsCharges: below.awaitsCharges.bind(below) };
  const members = {
    code,
    capabilities,
    orderUpdates$,
    status$,
    ...budget,
    ...charges,
    ...Object.fromEntries(calls),
    ...own,
  };
  return members as unknown as Broker;
}
