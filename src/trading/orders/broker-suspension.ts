import { parseUtcText, type EpochMs, type UtcText } from '../../kernel/time.js';
import type { Draft } from '../../events/draft.js';
import type { EngineState } from '../../domain/session/engine-state.js';

/** Records that the broker is unreachable since `at`: entries wait, positions are still managed (RUN-42). */
export function brokerSuspended(state: EngineState, reason: string, at: EpochMs, correlationId: string): Draft {
  return {
    type: 'BrokerSuspended',
    data: { code: 'BROKER_DISCONNECTED', message: reason },
    occurredAt: at,
    correlationId,
    causationId: state.session?.openedEventId ?? null,
  };
}

/** Records that the broker is reachable again since `at`, with the length of the outage and its executions. */
export function brokerResumed(state: EngineState, at: EpochMs, correlationId: string): Draft {
  const since = state.session?.suspendedSince;
  return {
    type: 'BrokerResumed',
    data: {
      fetched: since === undefined ? 0 : executionsSince(state, since),
      outageSeconds: since === undefined ? 0 : Math.round((at - parseUtcText(since)) / 1_000),
    },
    correlationId,
    causationId: state.session?.openedEventId ?? null,
  };
}

/** Executions of the outage, counted in the state: a restart in the middle of the fetching counts the same. */
function executionsSince(state: EngineState, since: UtcText): number {
  let count = 0;
  for (const order of state.orders.values()) {
    for (const execution of order.executions.values()) if (execution.filledAt > since) count += 1;
  }
  return count;
}
