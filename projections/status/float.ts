import {
  NO_TROUBLE,
  noted,
  since,
  warning,
  type EventOf,
  type FindingsOf,
  type StatusHandlers,
  type Trouble,
} from './status-part.js';

/** The float of the bot. */
export interface FloatStatus {
  /** Dollars as text. */
  float: string | null;
  floatDeviation: Trouble;
}

/** Before the first event. */
export function newFloatStatus(): FloatStatus {
  return { float: null, floatDeviation: NO_TROUBLE };
}

/** Events of the float. */
export const floatHandlers: StatusHandlers<'float'> = {
  FloatSnapshotTaken: noted((body, event: EventOf<'FloatSnapshotTaken'>) => {
    body.float = event.data.float;
    body.floatDeviation = NO_TROUBLE;
  }),
  FloatDeviationDetected: noted((body, event: EventOf<'FloatDeviationDetected'>) => {
    body.floatDeviation = since(event, `deviation ${event.data.deviation}, threshold ${event.data.threshold}`);
  }),
};

/** A float that deviates from its target. */
export const floatFindings: FindingsOf = ({ body }) => {
  const { why } = body.floatDeviation;
  if (why === null) return [];
  return [
    warning(
      'FLOAT_DEVIATES',
      `float: ${why}`,
      'Inject into the float, or take out of it, what is missing or too much.',
    ),
  ];
};
