import type { EngineState } from '../../domain/session/engine-state.js';
import { openRemainder } from '../../domain/session/trading-permissions.js';
import { isClosing } from '../../domain/lifecycle/bot-state.js';
import type { Broker } from '../../ports/broker.js';

const SECONDS = 60;

/** What a stop or kill has left to do, and how long the limit of the broker makes it last; empty while nothing is being closed. */
export function closingFigures(
  state: EngineState,
  broker: Pick<Broker, 'budget' | 'capabilities'> | undefined,
): Readonly<Record<string, string>> {
  if (!isClosing(state.botState)) return {};
  const positions = [...state.positions.values()].filter(({ quantity }) => !quantity.isZero()).length;
  const orders = state.liveOrders.size;
  const seconds = expectedSeconds(orders + positions, broker);
  const calls = broker?.budget?.().left;
  return {
    closing_orders: String(orders),
    closing_positions: String(positions),
    closing_left: shortened(openRemainder(state)),
    ...(calls === undefined ? {} : { closing_calls: String(calls) }),
    ...(seconds === undefined ? {} : { closing_seconds: String(seconds) }),
  };
}

/** A long list is on the page of positions; this one is for a line. */
const LONGEST_LIST = 400;

function shortened(list: string): string {
  return list.length <= LONGEST_LIST ? list : `${list.slice(0, list.lastIndexOf(', ', LONGEST_LIST))}, ...`;
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
