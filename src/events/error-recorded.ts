import type { Draft } from './draft.js';
import type { EventData } from './event.js';

type Data = EventData<'ErrorRecorded'>;

/** Facts of an error; strategy, broker, context and traceback default to empty. */
export type ErrorFacts = Pick<Data, 'errorType' | 'errorCode' | 'message'> &
  Partial<Pick<Data, 'strategy' | 'broker' | 'context' | 'traceback'>>;

/** Builds ErrorRecorded (RUN-40) with the causation, time and natural key of `cause`. */
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
