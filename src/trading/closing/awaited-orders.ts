import type { EngineState } from '../../domain/session/engine-state.js';
import type { ClientOrderId } from '../../events/names.js';
import { plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';

/** A live order without news for this time no longer delays what follows it. */
const STUCK_AFTER_MS = 5 * SECOND_MS;

/** Whether an order is live and had news so recently that its next news may come at any moment. */
export function isAwaited(state: EngineState, id: ClientOrderId, now: EpochMs): boolean {
  const newsAt = state.liveOrders.has(id) ? state.newsAt.get(id) : undefined;
  return newsAt !== undefined && now < plusMs(newsAt, STUCK_AFTER_MS);
}

/** Whether any live order is awaited. */
export function awaitsOrders(state: EngineState, now: EpochMs): boolean {
  for (const id of state.liveOrders.keys()) if (isAwaited(state, id, now)) return true;
  return false;
}
