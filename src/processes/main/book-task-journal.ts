import type { endedData } from '../../app/book-tasks/book-task.js';
import { EventAppender } from '../../app/journal/event-appender.js';
import { STREAMS } from '../../events/streams.js';
import type { Actor, EventData, RecordedEvent } from '../../events/event.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { BookTaskState } from '../ipc/messages.js';

interface BookTaskJournalDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly identity: BotIdentity;
}

/** Events of so many tasks are looked through: main has few at a time. */
const MOST_EVENTS = 200;

/** What became of the tasks of the books, as the journal keeps it: a main that dies loses nothing of it. */
export class BookTaskJournal {
  readonly #appender: EventAppender;

  constructor(private readonly deps: BookTaskJournalDeps) {
    this.#appender = new EventAppender({ ...deps, actor: 'system:main' });
  }

  /** Throws what the journal throws: a task that it does not take is not begun. */
  started(data: EventData<'BookTaskStarted'>, actor: Actor): Promise<unknown> {
    return this.#append({ type: 'BookTaskStarted', data }, actor);
  }

  ended(data: EventData<'BookTaskEnded'>): Promise<unknown> {
    return this.#append({ type: 'BookTaskEnded', data });
  }

  /** Ends the tasks whose process was cut off with an earlier main, and returns the newest tasks, the oldest first. */
  async settle(): Promise<readonly BookTaskState[]> {
    for (const { taskId, kind, ended } of await this.#newest()) {
      if (ended === null) await this.ended({ taskId, kind, ...CUT_OFF });
    }
    return this.#newest();
  }

  async #newest(): Promise<readonly BookTaskState[]> {
    const filter = { types: ['BookTaskStarted', 'BookTaskEnded'] } as const;
    const events = await this.deps.journal.readAll({ direction: 'backwards', limit: MOST_EVENTS, filter });
    const ends = new Map<string, RecordedEvent<'BookTaskEnded'>>();
    const states: BookTaskState[] = [];
    for (const event of events) {
      if (event.type === 'BookTaskEnded') ends.set(event.data.taskId, event);
      if (event.type === 'BookTaskStarted') states.unshift(stateOf(event, ends.get(event.data.taskId)));
    }
    return states;
  }

  #append(
    draft:
      | { readonly type: 'BookTaskStarted'; readonly data: EventData<'BookTaskStarted'> }
      | { readonly type: 'BookTaskEnded'; readonly data: EventData<'BookTaskEnded'> },
    actor?: Actor,
  ): Promise<unknown> {
    const cause = { correlationId: `book-task/${draft.data.taskId}`, causationId: null };
    return this.#appender.append(STREAMS.bookTasks, [{ ...draft, ...cause }], actor);
  }
}

/** The end of a task without the task. */
export type BookTaskEnd = Parameters<typeof endedData>[1];

/** Nobody knows how far it came; whatever it makes is whole or not there. */
export const CUT_OFF: BookTaskEnd = {
  outcome: 'cut_off',
  code: null,
  summary: 'It was cut off before its outcome was known. Nothing is left half-made: ask for it again.',
  findings: [],
  file: null,
};

function stateOf(
  started: RecordedEvent<'BookTaskStarted'>,
  ended: RecordedEvent<'BookTaskEnded'> | undefined,
): BookTaskState {
  const { taskId, kind, subject } = started.data;
  const begun = { taskId, kind, subject, actor: started.meta.actor, startedAt: started.recordedAt, progress: null };
  if (ended === undefined) return { ...begun, state: 'running', ended: null };
  return { ...begun, ...endOf(ended.data, ended.recordedAt) };
}

/** The part of a state that the end of a task gives. */
export function endOf(data: EventData<'BookTaskEnded'>, at: string): Pick<BookTaskState, 'state' | 'ended'> {
  const { outcome, code, summary, findings, file } = data;
  return { state: outcome, ended: { code, summary, findings, file, at } };
}
