import type { EventData, EventType, RecordedEvent } from '../../src/events/event.js';
import type { SystemLogName } from '../../src/domain/home/home-paths.js';
import type { Handler } from '../kit/projection.js';

export type Severity = 'info' | 'warning' | 'critical';
export type Category =
  'access' | 'users' | 'config' | 'secrets' | 'process' | 'control' | 'health' | 'risk' | 'error' | 'setup' | 'test';

/** Files beside the table. Every entry is in system_logs.log; these hold what one kind of reader looks for. */
export type SideLog = Extract<
  SystemLogName,
  'security_users' | 'system_users' | 'password_reset_tokens' | 'kill_switch'
>;

export interface Said {
  readonly category: Category;
  readonly severity: Severity;
  /** What it is about: a user, a process, a flag; null when the bot itself. */
  readonly subject: string | null;
  readonly text: string;
  readonly logs?: readonly SideLog[];
}

export interface LogEntry {
  readonly event: RecordedEvent;
  readonly said: Said;
  /** The event's data, less what has a file of its own. */
  readonly data: string;
}

/** Nothing is remembered: each line follows from one event. */
export type LogState = null;

/** A handler that says of its event what `say` makes of the data. */
export function tell<T extends EventType>(
  say: (data: EventData<T>, event: RecordedEvent<T>) => Said | undefined,
): Handler<T, LogState, LogEntry> {
  return (state, event, emit) => {
    // The compiler cannot see that the data of a T's event is the data of T.
    const data = event.data as EventData<T>;
    const said = say(data, event);
    if (said !== undefined) emit({ event: event as RecordedEvent, said, data: dataText(event as RecordedEvent) });
    return state;
  };
}

/** A stack stays in error_tracebacks.log. */
function dataText({ type, data }: RecordedEvent): string {
  return JSON.stringify(type === 'ErrorRecorded' ? { ...data, traceback: null } : data);
}
