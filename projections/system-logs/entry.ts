import type { EventData, EventType, RecordedEvent } from '../../src/events/event.js';
import type { SystemLogName } from '../../src/domain/home/home-paths.js';
import type { Handler } from '../kit/projection.js';

export type Severity = 'info' | 'warning' | 'critical';
export type Category =
  'access' | 'users' | 'config' | 'secrets' | 'process' | 'control' | 'health' | 'risk' | 'error' | 'setup' | 'test';

/** Further log files; each repeats the entries of one subject. Every entry is in system_logs.log. */
export type SideLog = Extract<
  SystemLogName,
  'security_users' | 'system_users' | 'password_reset_tokens' | 'kill_switch'
>;

/** What an entry reports about its event. */
export interface EntryContent {
  readonly category: Category;
  readonly severity: Severity;
  /** A user, a process or a flag; null for the bot itself. */
  readonly subject: string | null;
  readonly text: string;
  readonly logs?: readonly SideLog[];
}

export interface LogEntry {
  readonly event: RecordedEvent;
  readonly content: EntryContent;
  /** The event's data as JSON, without an error's stack. */
  readonly data: string;
}

/** No state: each line follows from one event. */
export type LogState = null;

/** A handler that emits the entry which `describe` makes of the event's data. */
export function logged<T extends EventType>(
  describe: (data: EventData<T>, event: RecordedEvent<T>) => EntryContent | undefined,
): Handler<T, LogState, LogEntry> {
  return (state, event, emit) => {
    // The compiler cannot see that the data of a T's event is the data of T.
    const data = event.data as EventData<T>;
    const content = describe(data, event);
    if (content !== undefined) emit({ event: event as RecordedEvent, content, data: dataText(event as RecordedEvent) });
    return state;
  };
}

/** The stack of an error is only in error_tracebacks.log. */
function dataText({ type, data }: RecordedEvent): string {
  return JSON.stringify(type === 'ErrorRecorded' ? { ...data, traceback: null } : data);
}
