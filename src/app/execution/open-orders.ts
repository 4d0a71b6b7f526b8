import { TradeBotError } from '../../kernel/errors.js';
import type { OpenOrder, OrderEntry } from '../../ports/order-entry.js';
import type { BrokerCalls } from './broker-calls.js';

/**
 * Asks the broker which orders are open, and gives each to `take` in its order. Without an answer nothing is taken: the
 * orders of the journal are queried one by one anyway, and others are reported when they trade.
 */
export async function askOpenOrders(
  broker: Pick<OrderEntry, 'openOrders'>,
  calls: Pick<BrokerCalls, 'call'>,
  take: (order: OpenOrder) => Promise<void>,
): Promise<void> {
  await calls.call({
    work: () => broker.openOrders(),
    take: async (answer) => {
      if (answer.ok) {
        for (const order of answer.value) await take(order);
        return;
      }
      const { error } = answer;
      if (!(error instanceof TradeBotError) || error.callerMust === 'stop') throw error;
    },
    gaveUp: () => Promise.resolve(),
  });
}
