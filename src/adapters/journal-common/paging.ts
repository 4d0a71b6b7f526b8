import { setImmediate as nextMacrotask } from 'node:timers/promises';
import { Observable } from 'rxjs';
import type { RecordedEvent } from '../../events/event.js';
import { invariant } from '../../kernel/errors.js';
import type { EventFilter } from '../../ports/journal.js';

/** A range of the global order, read in one step. */
export interface Page {
  readonly events: readonly RecordedEvent[];
  /** Every event up to here was examined, matching or not. */
  readonly cursor: number;
  /** False when the page ends at the head. */
  readonly more: boolean;
}

export interface PageSource {
  /** Synchronous and bounded: at most `limit` events, and a bounded number of events that do not match. */
  readPage(cursor: number, filter: EventFilter | undefined, limit: number): Page;
  /** Calls `wake` whenever there may be new events; returns the function that unsubscribes. */
  onChange(wake: () => void, closed: () => void): () => void;
}

export const PAGE_EVENTS = 1_000;

/** Checks a caller's limit; without one everything is read, page by page. */
export function limitOf(limit: number | undefined): number {
  if (limit === undefined) return Number.MAX_SAFE_INTEGER;
  invariant(Number.isSafeInteger(limit) && limit >= 0, 'BAD_LIMIT', `${limit} is not a number of events`);
  return limit;
}

/** Reads page after page and yields to the event loop in between, so that a long read never blocks the process. */
export async function collect<P extends { readonly events: readonly RecordedEvent[]; readonly more: boolean }>(
  limit: number,
  nextPage: (previous: P | undefined, limit: number) => P,
): Promise<readonly RecordedEvent[]> {
  if (limit === 0) return [];
  let page = nextPage(undefined, Math.min(limit, PAGE_EVENTS));
  if (!page.more || page.events.length >= limit) return page.events;
  const events = [...page.events];
  while (page.more && events.length < limit) {
    await nextMacrotask();
    page = nextPage(page, Math.min(limit - events.length, PAGE_EVENTS));
    for (const event of page.events) events.push(event);
  }
  return events;
}

/**
 * Catch-up and live are one loop over one cursor, so no event can be lost or delivered twice in between: a wake-up only
 * means "look again". The next page is read in a later macrotask than the one that delivered the last.
 */
export function subscribeToPages(
  source: PageSource,
  after: number,
  filter: EventFilter | undefined,
): Observable<RecordedEvent> {
  return new Observable((subscriber) => {
    let cursor = after;
    let scheduled: NodeJS.Immediate | undefined;
    const wake = (): void => {
      scheduled ??= setImmediate(pump);
    };
    const pump = (): void => {
      scheduled = undefined;
      try {
        const page = source.readPage(cursor, filter, PAGE_EVENTS);
        for (const event of page.events) {
          if (subscriber.closed) return;
          subscriber.next(event);
        }
        cursor = page.cursor;
        if (page.more && !subscriber.closed) wake();
      } catch (error) {
        subscriber.error(error);
      }
    };
    const leave = source.onChange(wake, () => subscriber.complete());
    wake();
    return () => {
      leave();
      if (scheduled !== undefined) clearImmediate(scheduled);
    };
  });
}
