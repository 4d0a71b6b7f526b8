import { invariant } from '../../../kernel/errors.js';

/** An indicator's window: a whole number of bars from 1 to 10,000. */
export function checkedPeriod(period: number): number {
  invariant(
    Number.isInteger(period) && period >= 1 && period <= 10_000,
    'BAD_PERIOD',
    `an indicator period of ${period} bars is not a whole number from 1 to 10,000`,
  );
  return period;
}
