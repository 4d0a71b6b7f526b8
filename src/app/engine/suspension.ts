import { parseUtcText, type EpochMs } from '../../kernel/time.js';
import type { BrokerStatus } from '../../ports/broker.js';
import type { Recorder } from './recorder.js';
import { STREAMS } from './streams.js';

/** Entries wait while the broker is away; positions are still watched (RUN-42). */
export async function recordSuspended(recorder: Recorder, status: BrokerStatus): Promise<void> {
  const session = recorder.state.session;
  await recorder.record(STREAMS.risk, [
    {
      type: 'BrokerSuspended',
      data: { code: 'BROKER_DISCONNECTED', message: status.reason },
      occurredAt: status.at,
      correlationId: `session/${recorder.sessionDate ?? ''}`,
      causationId: session?.openedEventId ?? null,
    },
  ]);
}

export async function recordResumed(
  recorder: Recorder,
  outage: { readonly at: EpochMs; readonly fetched: number },
): Promise<void> {
  const session = recorder.state.session;
  const since = session?.suspendedSince;
  await recorder.record(STREAMS.risk, [
    {
      type: 'BrokerResumed',
      data: {
        fetched: outage.fetched,
        outageSeconds: since === undefined ? 0 : Math.round((outage.at - parseUtcText(since)) / 1_000),
      },
      correlationId: `session/${recorder.sessionDate ?? ''}`,
      causationId: session?.openedEventId ?? null,
    },
  ]);
}
