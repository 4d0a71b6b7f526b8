import type { DateText } from '../../../src/kernel/time.js';
import type { Journal } from '../../../src/ports/journal.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import type { DayHarness } from './day-harness.js';

/** The error of a simulated kill. */
export class Cut extends Error {}

export interface Death {
  readonly at: (type: string, count: number) => boolean;
  readonly when: 'before' | 'after';
}

/** A journal whose process dies at the first append that fits: before it is written, or right after. */
export function dying(journal: Journal, { at, when }: Death): Journal {
  let count = 0;
  return new Proxy(journal, {
    get(target, key): unknown {
      if (key !== 'append') {
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      return async (...call: Parameters<Journal['append']>) => {
        count += 1;
        const dies = call[1].some((event) => at(event.type, count));
        if (dies && when === 'before') throw new Cut();
        const result = await target.append(...call);
        if (dies) throw new Cut();
        return result;
      };
    },
  });
}

/** Runs the day with one death for each of `deaths`, then to its end. Returns how many of them happened. */
export async function runThroughDeaths(harness: DayHarness, date: DateText, deaths: readonly Death[]): Promise<number> {
  let died = 0;
  for (const death of deaths) {
    harness.options = { ...harness.options, wrapJournal: (journal) => dying(journal, death) };
    try {
      await harness.run(date);
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
      died += 1;
    }
  }
  harness.options = { ...harness.options, wrapJournal: (journal) => journal };
  await harness.run(date);
  return died;
}

/** Dies at the nth append that has an event of this type. */
export function deathAt(type: string, nth: number, when: Death['when'] = 'after'): Death {
  let seen = 0;
  return {
    when,
    at: (met) => {
      if (met === type) seen += 1;
      return met === type && seen === nth;
    },
  };
}

/** Each process compares the books when it starts, and then by its own schedule. */
const OF_ONE_PROCESS: readonly string[] = ['ProcessCrashed', 'BooksCompared'];

/** Recorded events without the crash and its numbering; a seal covers everything before it. */
export function story(events: readonly RecordedEvent[]): readonly string[] {
  return events
    .filter(({ type }) => !OF_ONE_PROCESS.includes(type))
    .map(({ type, stream, occurredAt, recordedAt, data, meta }) =>
      JSON.stringify([
        ...[type, stream, occurredAt, recordedAt],
        ...[type === 'JournalSealed' ? data.sealId : data, meta.correlationId],
      ]),
    );
}
