import type { SimBroker } from '../../../../src/adapters/broker-sim/sim-broker.js';
import { TradeBotError } from '../../../../src/kernel/errors.js';
import { sha256Hex } from '../../../../src/kernel/hash.js';
import type { EpochMs } from '../../../../src/kernel/time.js';
import type { Broker } from '../../../../src/ports/broker.js';
import type { BrokerUpdate, ClosedPosition, OrderRequest } from '../../../../src/ports/order-entry.js';

export interface BulkParts {
  readonly now: () => EpochMs;
  /** Places an order of the broker's own. */
  readonly place: (order: OrderRequest) => Promise<void>;
  readonly report: (update: BrokerUpdate) => void;
}

/** The two bulk calls of a broker, made of the single calls of the simulated one. */
export function bulkCalls(sim: SimBroker, parts: BulkParts): Required<Pick<Broker, 'cancelAll' | 'closeAll'>> {
  return {
    cancelAll: async () => {
      for (const { clientOrderId } of await sim.openOrders()) {
        if (clientOrderId !== null) await sim.cancel(clientOrderId);
      }
    },
    closeAll: async (closed: readonly ClosedPosition[]) => {
      for (const { symbol, quantity } of await sim.positions()) {
        const clientOrderId = closed.find((one) => one.symbol === symbol)?.clientOrderId;
        if (clientOrderId === undefined || quantity.isZero()) continue;
        const isLong = quantity.sign() > 0;
        const order: OrderRequest = {
          ...{ clientOrderId, symbol, side: isLong ? 'sell' : 'buy' },
          ...{ positionEffect: isLong ? 'close_long' : 'close_short', quantity: quantity.abs(), notional: null },
          ...{ orderType: 'market', limitPrice: null, stopPrice: null, timeInForce: 'day' },
        };
        await parts.place(order).catch((error: unknown) => {
          if (!(error instanceof TradeBotError)) throw error;
          if (error.callerMust === 'reconcile') return;
          const { code, message } = error;
          const rawSha256 = sha256Hex(message);
          const facts = { at: parts.now(), clientOrderId, brokerOrderId: '', rawSha256 };
          parts.report({ ...facts, kind: 'rejected', code, message });
        });
      }
    },
  };
}
