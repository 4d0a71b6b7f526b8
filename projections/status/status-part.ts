import type { EventContext, RecordedEvent } from '../../src/events/event.js';
import type { HandlersBesideBooks } from '../kit/book-fold.js';
import type { ProjectionHealth } from '../kit/projection.js';
import type { StatusBody, StatusState } from './status-state.js';

/** The handlers of one context without those of the books; the status has no outputs. */
export type StatusHandlers<C extends EventContext> = HandlersBesideBooks<C, StatusState, never>;

/** A recorded event of one type or of several. */
export type EventOf<T extends RecordedEvent['type']> = RecordedEvent<T>;

/** Fields of status.json, by name. */
export type FieldsOf = (state: StatusState) => object;

/** A finding: its severity and its text. */
export type Finding = readonly ['Warning' | 'Critical', string];

/** The findings of one subject, worst first. */
export type FindingsOf = (state: StatusState, health: readonly ProjectionHealth[]) => readonly Finding[];

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

/** One finding if there is a reason for it, else none. */
export function trouble(level: Finding[0], what: string, why: string | null): readonly Finding[] {
  return why === null ? [] : [[level, `${what}: ${why}`]];
}
