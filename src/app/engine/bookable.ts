import { TradeBotError } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import { toUtcText, type EpochMs } from '../../kernel/time.js';
import type { Position, RecordedEvent } from '../../events/event.js';
import { applyToBook } from '../../domain/accounting/book.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { BrokerUpdate } from '../../ports/order-entry.js';
import type { Draft } from './action.js';
import type { Recorder } from './recorder.js';
import { STREAMS } from './streams.js';

/**
 * Why the books could not take these events; undefined when they can. Asked before they are recorded: an event that no
 * fold can take would keep the home from ever being opened again.
 */
export function bookingFault(state: EngineState, drafts: readonly Draft[], now: EpochMs): TradeBotError | undefined {
  let book = state.book;
  try {
    for (const { type, data } of drafts) {
      const id = naturalKeyId('booking-probe', type);
      const position = state.lastPosition ?? ('' as Position);
      book = applyToBook(book, { id, type, data, position, occurredAt: toUtcText(now) } as RecordedEvent).book;
    }
    return undefined;
  } catch (error) {
    if (error instanceof TradeBotError) return error;
    throw error;
  }
}

/** Tells once that an execution is left out of journal and books; the reconciliation shows what it did to the account. */
export async function recordUnbookable(recorder: Recorder, update: BrokerUpdate, fault: TradeBotError): Promise<void> {
  const key = `unbookable/${'executionId' in update ? update.executionId : update.brokerOrderId}`;
  if (recorder.state.toldErrors.has(key)) return;
  const order = recorder.state.orders.get(update.clientOrderId);
  await recorder.add(STREAMS.errors, [
    {
      type: 'ErrorRecorded',
      data: {
        errorType: 'BrokerError',
        errorCode: 'EXECUTION_NOT_BOOKABLE',
        message: `${update.kind} for order ${update.clientOrderId} is left out of the books: ${fault.message}`,
        strategy: order?.intent.strategy ?? null,
        broker: null,
        context: { key, code: fault.code, brokerOrderId: update.brokerOrderId },
        traceback: null,
      },
      occurredAt: update.at,
      correlationId: `session/${recorder.sessionDate ?? ''}`,
      causationId: order?.lastEventId ?? null,
    },
  ]);
}
