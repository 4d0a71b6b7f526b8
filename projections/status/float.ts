import { adjustFloat, NO_FLOAT } from '../../src/domain/float/float.js';
import type { RecordedEvent } from '../../src/events/event.js';
import { Decimal } from '../../src/kernel/decimal.js';
import { moneyText, roundToCents } from '../../src/kernel/money.js';
import {
  NO_TROUBLE,
  noted,
  since,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
  type Trouble,
} from './status-part.js';

/** The float of the bot. */
export interface FloatStatus {
  /** Dollars as text. */
  float: string | null;
  /** The float of the set-up, which the first session books; null in a home without a set-up. */
  floatOfSetup: string | null;
  floatDeviation: Trouble;
}

/** Before the first event. */
export function newFloatStatus(): FloatStatus {
  return { float: null, floatOfSetup: null, floatDeviation: NO_TROUBLE };
}

/** The float that a person gave at the set-up: what the first session begins with. */
export function noteSetup(body: FloatStatus, { data }: EventOf<'ProvisioningCompleted'>): void {
  body.floatOfSetup = data.openingFloat;
}

/** The float before the first session has booked one. */
export const plannedFloatFields: FieldsOf = ({ body }) => ({
  planned_float: body.float === null ? body.floatOfSetup : null,
});

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

/** An injection or return changes the float at once, not only with the snapshot of the next session. */
export function noteFloat(body: FloatStatus, event: RecordedEvent): void {
  if (event.type !== 'FloatAdjusted') return;
  const before = { ...NO_FLOAT, float: roundToCents(Decimal.parse(body.float ?? '0')) };
  body.float = moneyText(adjustFloat(before, event.data).float);
}

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
