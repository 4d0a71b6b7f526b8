import { isPosition, positionOfText } from '../../../app/as-of/moment-text.js';
import type { Position } from '../../../events/event.js';
import type { Journal } from '../../../ports/journal.js';
import { unprocessable } from '../common/problem.js';

/** The position that `asof`, or another `field`, names; undefined for the head. Throws a Problem 422 for what is no position that the journal has. */
export async function pastPosition(
  asof: string | undefined,
  journal: Pick<Journal, 'head'>,
  field = 'asof',
): Promise<Position | undefined> {
  if (asof === undefined) return undefined;
  const fault = (message: string): Error => unprocessable([{ field, message }]);
  if (!isPosition(asof)) throw fault('is not a position of the journal, such as 412.');
  const position = positionOfText(asof);
  const head = await journal.head();
  if (head === undefined || head.position < position) throw fault(`there is no position ${asof} in the journal yet`);
  return position;
}
