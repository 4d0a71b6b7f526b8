import type { OrderCommand } from '../../domain/orders/decide-order.js';
import type { Order } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import { MINUTE_MS, plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import type { BrokerCapabilities } from '../../ports/reference-data.js';
import type { TradingContext } from '../../trading/context.js';
import { whenNotFound } from '../../trading/orders/lost-order.js';

/** For a broker that does not say how soon it finds an order: an exit was seen to show half a minute after it filled. */
const FINDABLE_AFTER_MS = MINUTE_MS;

/**
 * Until when "not found" may only mean "not yet" for an order whose send had no answer (F7); undefined when it counts. It counts
 * when the broker has had the time to show the order, at the earliest after API_TIMEOUT; an earlier process may have sent it as
 * late as at its end.
 */
export function maybeFoundUntil(
  order: Order,
  state: Pick<EngineState, 'newsAt'>,
  { memory, settings }: Pick<TradingContext, 'memory' | 'settings'>,
  { capabilities, now }: { readonly capabilities: BrokerCapabilities; readonly now: EpochMs },
): EpochMs | undefined {
  const id = order.intent.clientOrderId;
  const findableMs = capabilities.findableAfterMs ?? FINDABLE_AFTER_MS;
  if (!memory.missedAt.has(id)) memory.missedAt.set(id, now);
  const doubtedAt = order.stage === 'unresolved' ? state.newsAt.get(id) : memory.missedAt.get(id);
  const timeoutMs = order.stage === 'unresolved' ? settings.API_TIMEOUT * SECOND_MS : 0;
  const until = plusMs(doubtedAt ?? now, Math.max(timeoutMs, findableMs));
  return now < until ? until : undefined;
}

/** What "not found" means for an order: nothing yet, or the command that it is. A send that had no answer is over then. */
export function whenMissing(
  order: Order,
  state: Pick<EngineState, 'newsAt'>,
  context: TradingContext,
  at: { readonly capabilities: BrokerCapabilities; readonly now: EpochMs },
): OrderCommand | 'ask later' | undefined {
  const { memory, settings } = context;
  const id = order.intent.clientOrderId;
  // its request may not have left yet: the broker cannot know it, and a second one would be a second order
  if (memory.inFlight.has(id) && order.stage === 'intended') return 'ask later';
  const until = maybeFoundUntil(order, state, context, at);
  if (until !== undefined) {
    memory.askedAt.set(id, plusMs(until, -settings.API_TIMEOUT * SECOND_MS));
    return 'ask later';
  }
  // the next send has a time of its own
  memory.inFlight.delete(id);
  return whenNotFound(context, order, at.now);
}
