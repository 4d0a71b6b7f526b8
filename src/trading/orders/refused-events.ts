import { EVENT_REFUSED } from '../../domain/accounting/refused-event-id.js';
import type { RefusedByRules } from '../../domain/session/engine-state.js';
import { errorRecorded } from '../../events/error-recorded.js';
import { STREAMS } from '../../events/streams.js';
import { record, type Rule } from '../action.js';
import { sessionCorrelation } from '../context.js';

const MOST_MESSAGE = 500;

/** Reports once each event of the journal that the rules cannot apply: another writer appended it (JRN-11). */
export const refusedEventRule: Rule = (state, context, now) => {
  const refused = state.refusedEvents.find((one) => !state.reportedErrors.has(keyOf(one)));
  if (refused === undefined) return undefined;
  const { event, fault } = refused;
  const text = `the ${event.type} at position ${event.position} is left out: ${fault.message}`;
  return record(
    STREAMS.errors,
    errorRecorded(
      {
        errorType: 'JournalError',
        errorCode: EVENT_REFUSED,
        message: text.slice(0, MOST_MESSAGE),
        context: { key: keyOf(refused), position: event.position, type: event.type, code: fault.code },
      },
      { occurredAt: now, correlationId: sessionCorrelation(context), causationId: event.id },
    ),
  );
};

function keyOf({ event }: RefusedByRules): string {
  return `refused-event/${event.position}`;
}
