import type { AccountQueries } from './account-queries.js';
import type { OrderEntry } from './order-entry.js';

/**
 * The broker for a kill without a journal (RUN-16): reached by credentials only. Calls may fail; the caller asks again, and
 * an order is identified by its client id.
 */
export interface EmergencyBroker
  extends Pick<OrderEntry, 'submit' | 'cancel' | 'orderByClientId' | 'openOrders'>, Pick<AccountQueries, 'positions'> {
  readonly code: string;
  /** Characters of a client order id that the broker keeps. */
  readonly clientIdLength: number;
  /** Lets `ms` of machine time pass; a simulated exchange trades meanwhile. */
  wait(ms: number): Promise<void>;
  close(): void;
}
