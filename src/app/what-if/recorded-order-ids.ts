import type { EngineState } from '../../domain/session/engine-state.js';
import type { RecordedEvent } from '../../events/event.js';
import { parseClientOrderId, type ClientOrderId } from '../../events/names.js';

/**
 * Ids for the simulated broker, whose random draws depend on them. An order takes the id of the recorded order with the
 * same purpose in the same position; one without a counterpart takes an unused id.
 */
export function recordedOrderIds(
  events: readonly RecordedEvent[],
  state: EngineState,
): (ours: ClientOrderId) => ClientOrderId {
  const recorded = new Map<string, ClientOrderId[]>();
  for (const event of events) {
    if (event.type !== 'OrderIntended') continue;
    const { positionId, purpose, clientOrderId } = event.data;
    const part = `${positionId} ${purpose}`;
    recorded.set(part, [...(recorded.get(part) ?? []), clientOrderId]);
  }
  return (ours) => {
    const intent = state.orders.get(ours)?.intent;
    const counterpart = recorded.get(`${intent?.positionId ?? ''} ${intent?.purpose ?? ''}`)?.shift();
    return counterpart ?? parseClientOrderId(`${ours}-whatif`);
  };
}
