import { pauseMs } from '../adapters/broker-common/pause.js';
import type { StartCheckParts } from '../app/broker-check/start-checks.js';
import { TradeBotError } from '../kernel/errors.js';
import type { Broker } from '../ports/broker.js';
import type { EmergencyBroker } from '../ports/emergency-broker.js';

/**
 * A real broker for a kill without a journal, reached by its credentials. A call that does not answer ends, so that the next
 * round asks again; an order is asked for by its id before it could be sent a second time.
 */
export async function realEmergency(broker: Broker, within: StartCheckParts['within']): Promise<EmergencyBroker> {
  const connect = (): Promise<void> => within('connect', () => broker.connect());
  /** A connection that was not made at first is made by the call that needs it; nothing of that call was sent before. */
  const call = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    within(name, work).catch(async (error: unknown) => {
      if (!(error instanceof TradeBotError) || error.code !== 'NOT_CONNECTED') throw error;
      await connect();
      return within(name, work);
    });
  await connect().catch(() => undefined);
  return {
    code: broker.code,
    clientIdLength: broker.capabilities.clientIdLength,
    submit: (order) => call('submit', () => broker.submit(order)),
    cancel: (id) => call('cancel', () => broker.cancel(id)),
    orderByClientId: (id) => call('orderByClientId', () => broker.orderByClientId(id)),
    openOrders: () => call('openOrders', () => broker.openOrders()),
    positions: () => call('positions', () => broker.positions()),
    wait: pauseMs,
    close: () => void broker.disconnect().catch(() => undefined),
  };
}
