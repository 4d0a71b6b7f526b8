import { currentVersion, type EventType, type NewEvent } from '../../../src/events/event.js';
import { commandEventId } from '../../../src/kernel/hash.js';
import { examplesByType } from '../../golden/support/release.js';
import { START, reset } from './journal-events.js';

const EXAMPLES = new Map(examplesByType().map(({ type, examples }) => [type, examples[0]]));

/** An event with the data of the first example of its schema; the same name gives the same bytes. */
export function example(type: EventType, name: string): NewEvent {
  const base = { ...reset(name), id: commandEventId(START, type, name), type, schemaVersion: currentVersion(type) };
  return { ...base, data: EXAMPLES.get(type) } as NewEvent;
}
