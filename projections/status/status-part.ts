import type { EventContext, RecordedEvent } from '../../src/events/event.js';
import type { HandlersBesideBooks } from '../kit/book-fold.js';
import type { Condition } from '../../src/domain/conditions/condition.js';
import type { ProjectionHealth } from '../kit/projection.js';
import type { StatusBody, StatusState } from './status-state.js';

/** The handlers of one context without those of the books; the status has no outputs. */
export type StatusHandlers<C extends EventContext> = HandlersBesideBooks<C, StatusState, never>;

/** A recorded event of one type or of several. */
export type EventOf<T extends RecordedEvent['type']> = RecordedEvent<T>;

/** Fields of status.json, by name. */
export type FieldsOf = (state: StatusState) => object;

/** The conditions of one subject, worst first. */
export type FindingsOf = (state: StatusState, health: readonly ProjectionHealth[]) => readonly Condition[];

/** A fault: `since` is a time, `why` the reason; both null without a fault. */
export interface Trouble {
  readonly since: string | null;
  readonly why: string | null;
}

/** No fault. */
export const NO_TROUBLE: Trouble = { since: null, why: null };

/** The last run of a job: its time, whether it succeeded, and its result as text. */
export interface Job {
  readonly lastRun: string | null;
  readonly ok: boolean;
  readonly result: string | null;
}

/** A job that has not run yet. */
export const NEVER_RUN: Job = { lastRun: null, ok: true, result: null };

/** Applies the event to the body and moves `as_of` to it. */
export function noted<E extends RecordedEvent>(note: (body: StatusBody, event: E) => void) {
  return (state: StatusState, event: E): StatusState => {
    stamp(state.body, event);
    note(state.body, event);
    return state;
  };
}

/** Only moves `as_of` to the event. */
export const seen = noted(() => undefined);

/** Moves `as_of` to the event. */
export function stamp(body: StatusBody, event: RecordedEvent): void {
  body.asOfPosition = event.position;
  body.asOfTime = event.recordedAt;
  body.identity = event.meta.botIdentity;
}

/** A fault that began with the event. */
export function since(event: RecordedEvent, why: string): Trouble {
  return { since: event.occurredAt, why };
}

/** A job run that ended with the event. */
export function ran(event: RecordedEvent, result: string, ok = true): Job {
  return { lastRun: event.occurredAt, ok, result };
}

/** The checks that failed, each with its cause. */
export function failuresOf(
  checks: readonly { readonly module: string; readonly ok: boolean; readonly cause: string }[],
): string[] {
  return checks.filter(({ ok }) => !ok).map(({ module, cause }) => `${module}: ${cause}`);
}

/** Removes a key of a record if present. */
export function without<T>(record: Record<string, T>, key: string): void {
  Reflect.deleteProperty(record, key);
}

/** A condition that needs a person soon. */
export function critical(code: string, text: string, remedy: string): Condition {
  return { code, severity: 'Critical', text, remedy };
}

/** A condition that a person should look at. */
export function warning(code: string, text: string, remedy: string): Condition {
  return { code, severity: 'Warning', text, remedy };
}
