import { describe, expect, jest, test } from '@jest/globals';
import { Observable, type Subscriber } from 'rxjs';
import { followJournal } from '../../../src/app/journal/follow-journal.js';
import type { Position, RecordedEvent } from '../../../src/events/event.js';
import type { Journal } from '../../../src/ports/journal.js';

type SubscribeOptions = Parameters<Journal['subscribe']>[0];

const eventAt = (position: string): RecordedEvent => ({ position }) as RecordedEvent;

/** A journal whose subscriptions the test feeds and breaks. */
function brokenJournal(): {
  readonly asked: (Position | undefined)[];
  readonly lines: Subscriber<RecordedEvent>[];
  subscribe(options?: SubscribeOptions): Observable<RecordedEvent>;
} {
  const asked: (Position | undefined)[] = [];
  const lines: Subscriber<RecordedEvent>[] = [];
  const subscribe = (options?: SubscribeOptions): Observable<RecordedEvent> =>
    new Observable((line) => {
      asked.push(options?.after);
      lines.push(line);
    });
  return { asked, lines, subscribe };
}

describe('following the journal', () => {
  test('a failed subscription is renewed after its last event', () => {
    jest.useFakeTimers();
    try {
      const journal = brokenJournal();
      const faults: unknown[] = [];
      const seen: string[] = [];
      let recovered = 0;
      const following = followJournal(journal, {
        after: '03' as Position,
        retryMs: 1_000,
        onFault: (error) => faults.push(error),
        onRecovered: () => (recovered += 1),
      }).subscribe((event) => seen.push(event.position));
      journal.lines[0]?.next(eventAt('04'));
      journal.lines[0]?.error('cut');
      jest.advanceTimersByTime(999);
      expect(journal.asked).toEqual(['03']);
      jest.advanceTimersByTime(1);
      journal.lines[1]?.error('cut again');
      jest.advanceTimersByTime(1_000);
      journal.lines[2]?.next(eventAt('05'));
      expect([journal.asked, seen, faults, recovered]).toEqual([
        ['03', '04', '04'],
        ['04', '05'],
        ['cut', 'cut again'],
        1,
      ]);
      following.unsubscribe();
    } finally {
      jest.useRealTimers();
    }
  });

  test('unsubscribing during a pause ends it', () => {
    jest.useFakeTimers();
    try {
      const journal = brokenJournal();
      const following = followJournal(journal, { after: undefined, retryMs: 10, onFault: () => undefined }).subscribe();
      journal.lines[0]?.error('cut');
      following.unsubscribe();
      jest.advanceTimersByTime(1_000);
      expect(journal.asked).toEqual([undefined]);
    } finally {
      jest.useRealTimers();
    }
  });
});
