import { TradeBotError } from '../../kernel/errors.js';
import { wrapBroker, type Broker } from '../../ports/broker.js';
import type { OrderRequest } from '../../ports/order-entry.js';
import { sharesHeld } from '../day/broker-positions.js';
import { LOCKED_HOME, type EffectsGuard } from './effects-guard.js';

/** The broker below every wrapper that waits: in the turn of the call it refuses an effect whose confirmation is too old by then. */
export function fencedBroker(broker: Broker, guard: EffectsGuard): Broker {
  if (guard === LOCKED_HOME) return broker;
  return wrapBroker(broker, (_name, call) => call(), {
    submit: async (order) => {
      const kind = closes(order) ? 'reduces' : 'opens';
      guard.refuseStale(kind);
      if (closes(order) && guard.isUnconfirmed) await refuseBeyondHeld(broker, order);
      guard.refuseStale(kind);
      await broker.submit(order);
    },
    cancel: async (id) => {
      guard.refuseStale('reduces');
      await broker.cancel(id);
    },
    ...inBulk(broker, guard),
  });
}

function closes({ positionEffect: effect }: OrderRequest): boolean {
  return effect === 'close_long' || effect === 'close_short';
}

/**
 * The journal of a process without a confirmation may be old, and another owner may have traded since: the broker's own position
 * says how much a closing order may close. Throws BrokerError POSITION_NOT_HELD (refuse), and what the broker throws.
 */
async function refuseBeyondHeld(broker: Broker, { symbol, quantity, positionEffect }: OrderRequest): Promise<void> {
  const found = await sharesHeld(broker, symbol);
  const held = positionEffect === 'close_long' ? found : found.negated();
  if (quantity?.lte(held) === true) return;
  throw new TradeBotError('BrokerError', 'refuse', {
    code: 'POSITION_NOT_HELD',
    message: `${quantity?.shortText() ?? 'some'} ${symbol} were to be closed, and the broker holds ${found.shortText()}: another owner may have traded`,
    remedy: 'Bring the journal back, or look at the position at the broker. It is asked for again.',
  });
}

/** The effects that not every broker has. A changed order may be an entry. */
function inBulk(broker: Broker, guard: EffectsGuard): Pick<Broker, 'cancelAll' | 'closeAll' | 'replace'> {
  return {
    ...(broker.cancelAll !== undefined && {
      cancelAll: async () => {
        guard.refuseStale('reduces');
        await broker.cancelAll?.();
      },
    }),
    ...(broker.closeAll !== undefined && {
      closeAll: async (closed) => {
        guard.refuseStale('reduces');
        await broker.closeAll?.(closed);
      },
    }),
    ...(broker.replace !== undefined && {
      replace: async (id, change) => {
        guard.refuseStale('opens');
        await broker.replace?.(id, change);
      },
    }),
  };
}
