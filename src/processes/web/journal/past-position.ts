import { isPosition, positionOfText } from '../../../app/as-of/moment-text.js';
import type { Position } from '../../../events/event.js';
import { unprocessable } from '../common/problem.js';

/** The position that `asof` names; undefined for the head. Throws a Problem 422 for what is no position. */
export function pastPosition(asof: string | undefined): Position | undefined {
  if (asof === undefined) return undefined;
  if (isPosition(asof)) return positionOfText(asof);
  throw unprocessable([{ field: 'asof', message: 'is not a position of the journal, such as 412.' }]);
}
