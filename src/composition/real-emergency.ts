import { pauseMs } from '../adapters/broker-common/pause.js';
import type { StartCheckParts } from '../app/broker-check/start-checks.js';
import type { Broker } from '../ports/broker.js';
import type { EmergencyBroker } from '../ports/emergency-broker.js';

/** How long the connection is awaited; some brokers answer without it. */
const CONNECT_MS = 5_000;

/**
 * A real broker for a kill without a journal, reached by its credentials. A call that does not answer ends, so that the next
 * round asks again; an order is asked for by its id before it could be sent a second time.
 */
export async function realEmergency(broker: Broker, within: StartCheckParts['within']): Promise<EmergencyBroker> {
  // one that cannot connect now keeps trying, and its calls say what is wrong
  await Promise.race([broker.connect().catch(() => undefined), pauseMs(CONNECT_MS)]);
  return {
    code: broker.code,
    submit: (order) => within('submit', () => broker.submit(order)),
    cancel: (id) => within('cancel', () => broker.cancel(id)),
    orderByClientId: (id) => within('orderByClientId', () => broker.orderByClientId(id)),
    openOrders: () => within('openOrders', () => broker.openOrders()),
    positions: () => within('positions', () => broker.positions()),
    wait: pauseMs,
    close: () => void broker.disconnect().catch(() => undefined),
  };
}
