import { parseUtcText, type EpochMs, type UtcText } from '../../kernel/time.js';
import type { Draft } from '../../events/draft.js';
import type { EngineState } from '../../domain/session/engine-state.js';

/** What the broker says of its connection. */
interface Outage {
  readonly at: EpochMs;
  readonly state: 'connected' | 'disconnected';
  readonly reason: string;
  readonly code?: string | undefined;
}

/** The start of an outage, or that only a person can end it; each is recorded once in an outage. */
export function isOutageNews({ session }: EngineState, { state, code }: Outage): boolean {
  if (state === 'connected') return false;
  return session?.suspendedSince === undefined || (code !== undefined && code !== session.suspendedFor);
}

/** Records that the broker is unreachable since `at`: entries wait, positions are still managed (RUN-42). */
export function brokerSuspended(state: EngineState, outage: Outage, correlationId: string): Draft {
  const { reason, at, code = 'BROKER_DISCONNECTED' } = outage;
  return {
    type: 'BrokerSuspended',
    data: { code, message: reason },
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
