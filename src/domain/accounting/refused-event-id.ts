import type { Position } from '../../events/event.js';

/** ErrorRecorded.errorCode of an event of the journal that no rule could apply. */
export const EVENT_REFUSED = 'EVENT_REFUSED';

/** Member of ErrorRecorded.context of an EVENT_REFUSED whose event moved the books all the same. */
export const IN_BOOKS = 'inBooks';

/** The name under which an adjusting entry settles an event that the books could not take. */
export function refusedEventId(position: Position | string): string {
  return `RE-${position}`;
}
