import type { Position } from '../../events/event.js';

/** ErrorRecorded.errorCode of an event of the journal that no rule could apply. */
export const EVENT_REFUSED = 'EVENT_REFUSED';

/** The name under which an adjusting entry settles an event that the books could not take. */
export function refusedEventId(position: Position | string): string {
  return `RE-${position}`;
}
