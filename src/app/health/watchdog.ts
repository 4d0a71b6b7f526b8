import { look, watchesFrom, type Sample, type Watch, type WatchChange } from '../../domain/watchdog/watch.js';
import type { WatchState, WatchSubject } from '../../domain/watchdog/watch-table.js';
import type { RecordedEvent } from '../../events/event.js';
import type { Journal } from '../../ports/journal.js';
import type { EventAppender } from '../journal/event-appender.js';
import { STREAMS } from '../../events/streams.js';

/** The source of the values of one subject. Fast and synchronous: slow probes run on their own. */
export interface WatchSource {
  readonly subject: WatchSubject;
  sample(): Sample;
}

export interface WatchdogParts {
  readonly sources: readonly WatchSource[];
  readonly appender: Pick<EventAppender, 'append'>;
  /** Executes the response of RUN-42; called for every change, also when it could not be recorded. Must not throw. */
  readonly respond: (change: WatchChange) => void;
  /** The last journaled changes, so that a successor also reports recoveries; see `lastWatchChanges`. */
  readonly begin: readonly WatchChange[];
}

/** Checks the bot's world and reports when a part of it becomes better or worse (TRD-43). */
export class Watchdog {
  readonly #watches: Map<WatchSubject, Watch>;

  constructor(private readonly parts: WatchdogParts) {
    this.#watches = new Map(watchesFrom(parts.begin));
  }

  /** One check of all sources; call it every few seconds. Throws the journal's errors, after all responses. */
  async look(): Promise<readonly WatchChange[]> {
    const changes = this.parts.sources.flatMap((source) => this.#lookAt(source));
    for (const change of changes) this.parts.respond(change);
    for (const change of changes) await this.#record(change);
    return changes;
  }

  states(): ReadonlyMap<WatchSubject, WatchState> {
    return new Map([...this.#watches].map(([subject, { state }]) => [subject, state]));
  }

  #lookAt(source: WatchSource): readonly WatchChange[] {
    const { subject } = source;
    const before = this.#watches.get(subject);
    if (before === undefined) return [];
    const { watch, change } = look(subject, before, source.sample());
    this.#watches.set(subject, watch);
    return change === undefined ? [] : [change];
  }

  async #record(change: WatchChange): Promise<void> {
    await this.parts.appender.append(STREAMS.health, [
      { type: 'WatchdogStateChanged', data: change, correlationId: 'watchdog', causationId: null },
    ]);
  }
}

/** The last change of each subject; found in the last events of the health stream, which has little else. */
const LAST_EVENTS = 500;

export async function lastWatchChanges(journal: Pick<Journal, 'readStream'>): Promise<readonly WatchChange[]> {
  const events = await journal.readStream(STREAMS.health, { direction: 'backwards', limit: LAST_EVENTS });
  const changes = events.filter((event): event is RecordedEvent & RecordedEvent<'WatchdogStateChanged'> => {
    return event.type === 'WatchdogStateChanged';
  });
  return changes.reverse().map(({ data }) => data);
}
