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
  });
}
