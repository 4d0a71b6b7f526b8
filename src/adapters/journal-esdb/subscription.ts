import { Observable } from 'rxjs';
import type { RecordedEvent } from '../../events/event.js';
import type { EventFilter } from '../../ports/journal.js';
import type { EsdbConnection } from './esdb-connection.js';
import type { LogPosition } from './esdb-position.js';
import { recordedOf, type EsdbRecord } from './event-record.js';
import { LogFollower } from './log-follower.js';
import { StreamCourses } from './stream-course.js';
import { faultError } from './stream-findings.js';
import type { StreamGuard } from './stream-guard.js';

export interface SubscriptionParts {
  readonly connection: EsdbConnection;
  /** The prefix of every stream of this bot. */
  readonly prefix: string;
  readonly identity: string;
  readonly after: LogPosition | undefined;
  readonly filter: EventFilter | undefined;
  readonly guard: Pick<StreamGuard, 'met'>;
  /** Called when the journal closes; returns the function that unsubscribes. */
  readonly onClose: (closed: () => void) => () => void;
}

/**
 * Our events, past ones, then live ones, without gap or duplicate. What others wrote under our names is left out and
 * reported to the guard; events that are missing between two of ours are an error.
 */
export function subscribeToLog(parts: SubscriptionParts): Observable<RecordedEvent> {
  return new Observable((subscriber) => {
    const { connection, prefix, after, filter } = parts;
    const follower = new LogFollower({
      ...{ connection, prefix, after },
      filter: { prefixes: [prefix + (filter?.streamPrefix ?? '')] },
      take: takerOf(parts, (event) => subscriber.next(event)),
    });
    const leave = parts.onClose(() => {
      follower.stop();
      subscriber.complete();
    });
    follower.run().catch((error: unknown) => subscriber.error(error));
    return () => {
      leave();
      follower.stop();
    };
  });
}

function takerOf(
  { identity, after, filter, guard }: SubscriptionParts,
  emit: (event: RecordedEvent) => void,
): (record: EsdbRecord) => void {
  const courses = new StreamCourses(identity, after === undefined);
  const types: readonly string[] | undefined = filter?.types;
  return (record) => {
    const taken = courses.take(record);
    if (taken.kind !== 'deleted' && taken.fault !== undefined) throw faultError(taken.fault);
    if (taken.kind !== 'ours') {
      guard.met(record, taken);
      return;
    }
    if (types === undefined || types.includes(record.type)) emit(recordedOf(taken.own));
  };
}
