import { parseUtcText, type EpochMs, type UtcText } from '../../kernel/time.js';
import type { BrokerStatus } from '../../ports/broker-connection.js';
import type { Recorder } from './recorder.js';
import { STREAMS } from './streams.js';

/** Entries wait while the broker is away; positions are still watched (RUN-42). */
export async function recordSuspended(recorder: Recorder, status: BrokerStatus): Promise<void> {
  const session = recorder.state.session;
  await recorder.add(STREAMS.risk, [
    {
      type: 'BrokerSuspended',
      data: { code: 'BROKER_DISCONNECTED', message: status.reason },
      occurredAt: status.at,
      correlationId: `session/${recorder.sessionDate ?? ''}`,
      causationId: session?.openedEventId ?? null,
    },
  ]);
}

export async function recordResumed(recorder: Recorder, at: EpochMs): Promise<void> {
  const session = recorder.state.session;
  const since = session?.suspendedSince;
  await recorder.add(STREAMS.risk, [
    {
      type: 'BrokerResumed',
      data: {
        fetched: since === undefined ? 0 : executionsSince(recorder, since),
        outageSeconds: since === undefined ? 0 : Math.round((at - parseUtcText(since)) / 1_000),
      },
      correlationId: `session/${recorder.sessionDate ?? ''}`,
      causationId: session?.openedEventId ?? null,
    },
  ]);
}

/** Executions of the outage, counted in the state: a restart in the middle of the fetching counts the same. */
function executionsSince(recorder: Recorder, since: UtcText): number {
  let count = 0;
  for (const order of recorder.state.orders.values()) {
    for (const execution of order.executions.values()) if (execution.filledAt > since) count += 1;
  }
  return count;
}
