import { placesOf } from '../../src/events/event-streams.js';
import type { EventType, StreamName } from '../../src/events/event.js';

/** Whether an event of a type is found in a stream by those who look for its type. */
export function isNamedPlace(type: EventType, stream: StreamName): boolean {
  const places = placesOf([type], '');
  return places?.some(({ name, isFamily }) => (isFamily ? stream.startsWith(name) : stream === name)) ?? true;
}
