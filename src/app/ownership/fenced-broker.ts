import { wrapBroker, type Broker } from '../../ports/broker.js';
import { LOCKED_HOME, type EffectsGuard } from './effects-guard.js';

/** The broker below every wrapper that waits: in the turn of the call it refuses an effect whose confirmation is too old by then. */
export function fencedBroker(broker: Broker, guard: EffectsGuard): Broker {
  if (guard === LOCKED_HOME) return broker;
  return wrapBroker(broker, (_name, call) => call(), {
    submit: async (order) => {
      const { positionEffect: effect } = order;
      guard.refuseStale(effect === 'close_long' || effect === 'close_short' ? 'reduces' : 'opens');
      await broker.submit(order);
    },
    cancel: async (id) => {
      guard.refuseStale('reduces');
      await broker.cancel(id);
    },
    ...inBulk(broker, guard),
  });
}

/** The effects that not every broker has. A changed order may be an entry. */
function inBulk(broker: Broker, guard: EffectsGuard): Pick<Broker, 'cancelAll' | 'closeAll' | 'replace'> {
  const { cancelAll, closeAll, replace } = broker;
  return {
    ...(cancelAll && {
      cancelAll: async () => {
        guard.refuseStale('reduces');
        await cancelAll.call(broker);
      },
    }),
    ...(closeAll && {
      closeAll: async (ids) => {
        guard.refuseStale('reduces');
        await closeAll.call(broker, ids);
      },
    }),
    ...(replace && {
      replace: async (id, change) => {
        guard.refuseStale('opens');
        await replace.call(broker, id, change);
      },
    }),
  };
}
