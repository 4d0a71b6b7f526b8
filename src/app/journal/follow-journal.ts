import { defer, retry, tap, timer, type Observable } from 'rxjs';
import type { EventType, Position, RecordedEvent } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';

export interface FollowOptions {
  /** The last known event; undefined for all events from the first. */
  readonly after: Position | undefined;
  /** Only events of these types; all when left out. */
  readonly types?: readonly EventType[];
  /** Pause before a failed subscription is renewed. Milliseconds. */
  readonly retryMs: number;
  /** Called with each failure; the same fault may come often. */
  readonly onFault: (error: unknown) => void;
  /** Called with the first event after a failure. */
  readonly onRecovered?: () => void;
}

/**
 * Every event of the journal from a position on, without end: a failed subscription is renewed after its last event, so
 * that nothing is missed or repeated. Unsubscribing ends it, also during a pause.
 */
export function followJournal(journal: Pick<Journal, 'subscribe'>, options: FollowOptions): Observable<RecordedEvent> {
  const { types, retryMs, onFault, onRecovered } = options;
  const filter = types === undefined ? {} : { filter: { types } };
  let seen = options.after;
  let failed = false;
  return defer(() => journal.subscribe({ ...(seen === undefined ? {} : { after: seen }), ...filter })).pipe(
    tap((event) => {
      seen = event.position;
      if (failed) onRecovered?.();
      failed = false;
    }),
    retry({
      delay: (error: unknown) => {
        failed = true;
        onFault(error);
        return timer(retryMs);
      },
    }),
  );
}
