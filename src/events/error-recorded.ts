import type { Draft } from './draft.js';
import type { EventData } from './event.js';

type Data = EventData<'ErrorRecorded'>;

/** What an error is; strategy, broker, context and traceback are empty when left out. */
export type ErrorFacts = Pick<Data, 'errorType' | 'errorCode' | 'message'> &
  Partial<Pick<Data, 'strategy' | 'broker' | 'context' | 'traceback'>>;

/** The event of an error (RUN-40), with the causation, time and natural key of `cause`. */
export function errorRecorded(
  { errorType, errorCode, message, strategy = null, broker = null, context = {}, traceback = null }: ErrorFacts,
  cause: Omit<Draft<'ErrorRecorded'>, 'type' | 'data'>,
): Draft<'ErrorRecorded'> {
  return {
    type: 'ErrorRecorded',
    data: { errorType, errorCode, message, strategy, broker, context, traceback },
    ...cause,
  };
}
