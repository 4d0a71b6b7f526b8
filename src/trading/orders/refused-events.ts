import { EVENT_REFUSED, IN_BOOKS } from '../../domain/accounting/refused-event-id.js';
import type { RefusedByRules } from '../../domain/session/engine-state.js';
import { errorRecorded } from '../../events/error-recorded.js';
import type { EventType } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import { record, type Rule } from '../action.js';
import { sessionCorrelation } from '../context.js';

const MOST_MESSAGE = 500;

/** Reports once each event of the journal that the rules cannot apply: another writer appended it (JRN-11). */
export const refusedEventRule: Rule = (state, context, now) => {
  const refused = state.refusedEvents.find((one) => !state.reportedErrors.has(keyOf(one)));
  if (refused === undefined) return undefined;
  const { event, fault, inBooks } = refused;
  const moved = inBooks && isBooked(event.type);
  const where = moved ? 'is in the books, but left out of orders and positions' : 'is left out';
  const text = `the ${event.type} at position ${event.position} ${where}: ${fault.message}`;
  return record(
    STREAMS.errors,
    errorRecorded(
      {
        errorType: 'JournalError',
        errorCode: EVENT_REFUSED,
        message: text.slice(0, MOST_MESSAGE),
        context: {
          ...{ key: keyOf(refused), position: event.position, type: event.type, code: fault.code },
          ...(moved ? { [IN_BOOKS]: 'yes' } : {}),
        },
      },
      { occurredAt: now, correlationId: sessionCorrelation(context), causationId: event.id },
    ),
  );
};

/** Executions move the books of shares and cash, whatever an order says; nothing else of an order does. */
function isBooked(type: EventType): boolean {
  return type === 'OrderFilled' || type === 'OrderFillBusted' || type === 'OrderFillCorrected';
}

function keyOf({ event }: RefusedByRules): string {
  return `refused-event/${event.position}`;
}
