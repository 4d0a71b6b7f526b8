import type { RefusedEvent } from '../../projections/kit/projection.js';
import { refusedEventId } from '../domain/accounting/refused-event-id.js';

/** One line for an event that a projection could not apply, with the way to settle it. */
export function shownRefusal({ position, type, code, reason }: RefusedEvent): string {
  const settle = `tradebot adjust --settles ${refusedEventId(position)}`;
  return `the ${type} at position ${position} is left out: ${reason} (${code}). Book what is right: ${settle}`;
}
