import type { BrokerUpdate } from '../../ports/order-entry.js';
import type { Recorder } from './recorder.js';
import { STREAMS } from './streams.js';

/**
 * An order that lives at the broker and not in the journal (F11) is never adopted by guess: it is recorded as an error
 * once, and the reconciliation at the end of the session shows what it did to cash and positions.
 */
export async function recordUnknownOrder(recorder: Recorder, update: BrokerUpdate): Promise<void> {
  const key = `unknown-order/${update.clientOrderId}`;
  if (recorder.state.toldErrors.has(key)) return;
  await recorder.add(STREAMS.errors, [
    {
      type: 'ErrorRecorded',
      data: {
        errorType: 'BrokerError',
        errorCode: 'ORDER_NOT_OURS',
        message: `the broker reports ${update.kind} for order ${update.clientOrderId}, which the journal does not have`,
        strategy: null,
        broker: null,
        context: { key, brokerOrderId: update.brokerOrderId },
        traceback: null,
      },
      occurredAt: update.at,
      correlationId: `session/${recorder.sessionDate ?? ''}`,
      causationId: null,
    },
  ]);
}
