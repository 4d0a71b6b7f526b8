import type { EngineState } from '../../domain/session/engine-state.js';
import { isClosing } from '../../domain/lifecycle/bot-state.js';
import type { Broker } from '../../ports/broker.js';

const SECONDS = 60;

/** What a stop or kill has left to do, and how long the limit of the broker makes it last; empty while nothing is being closed. */
export function closingFigures(
  state: Pick<EngineState, 'botState' | 'liveOrders' | 'positions'>,
  broker: Pick<Broker, 'budget' | 'capabilities'> | undefined,
): Readonly<Record<string, string>> {
  if (!isClosing(state.botState)) return {};
  const positions = [...state.positions.values()].filter(({ quantity }) => !quantity.isZero()).length;
  const orders = state.liveOrders.size;
  const seconds = expectedSeconds(orders + positions, broker);
  return {
    closing_orders: String(orders),
    closing_positions: String(positions),
    ...(seconds === undefined ? {} : { closing_seconds: String(seconds) }),
  };
}

/** Seconds that the limit of calls adds; undefined without a limit. */
function expectedSeconds(
  calls: number,
  broker: Pick<Broker, 'budget' | 'capabilities'> | undefined,
): number | undefined {
  const perMinute = broker?.capabilities.orderCallsPerMinute ?? null;
  if (perMinute === null) return undefined;
  const atOnce = broker?.budget?.().left ?? perMinute;
  return Math.ceil((Math.max(0, calls - atOnce) * SECONDS) / perMinute);
}
