import type { EventContext, RecordedEvent } from '../../src/events/event.js';
import type { HandlersBesideBooks } from '../kit/book-fold.js';
import type { ProjectionHealth } from '../kit/projection.js';
import type { StatusBody, StatusState } from './status-state.js';

/** The handlers of one context beside those of the books; the status has no outputs. */
export type StatusHandlers<C extends EventContext> = HandlersBesideBooks<C, StatusState, never>;

/** A recorded event of one type or of several. */
export type EventOf<T extends RecordedEvent['type']> = RecordedEvent<T>;

/** Fields of status.json, by name. */
export type FieldsOf = (state: StatusState) => object;

/** What a person must know: how bad it is, and in words. */
export type Finding = readonly ['Warning' | 'Critical', string];

/** The findings of one subject, worst first. */
export type FindingsOf = (state: StatusState, health: readonly ProjectionHealth[]) => readonly Finding[];

/** `since` is a time, `why` a reason; both null while all is well. */
export interface Trouble {
  readonly since: string | null;
  readonly why: string | null;
}

/** All is well. */
export const NO_TROUBLE: Trouble = { since: null, why: null };

/** When a job last ran, whether it went well, and its result in words. */
export interface Job {
  readonly lastRun: string | null;
  readonly ok: boolean;
  readonly result: string | null;
}

/** A job that has not run yet. */
export const NEVER_RUN: Job = { lastRun: null, ok: true, result: null };

/** Notes the event in the body, and that the status is now as of it. */
export function noted<E extends RecordedEvent>(note: (body: StatusBody, event: E) => void) {
  return (state: StatusState, event: E): StatusState => {
    stamp(state.body, event);
    note(state.body, event);
    return state;
  };
}

/** Notes nothing but that the status is now as of the event. */
export const seen = noted(() => undefined);

/** The status is now as of the event. */
export function stamp(body: StatusBody, event: RecordedEvent): void {
  body.asOfPosition = event.position;
  body.asOfTime = event.recordedAt;
  body.identity = event.meta.botIdentity;
}

/** Trouble that began with the event. */
export function since(event: RecordedEvent, why: string): Trouble {
  return { since: event.occurredAt, why };
}

/** A job that the event is the end of. */
export function ran(event: RecordedEvent, result: string, ok = true): Job {
  return { lastRun: event.occurredAt, ok, result };
}

/** The checks that failed, each with its cause. */
export function failuresOf(
  checks: readonly { readonly module: string; readonly ok: boolean; readonly cause: string }[],
): string[] {
  return checks.filter(({ ok }) => !ok).map(({ module, cause }) => `${module}: ${cause}`);
}

/** Removes a key of a record, if it is there. */
export function without<T>(record: Record<string, T>, key: string): void {
  Reflect.deleteProperty(record, key);
}

/** One finding while there is a reason for it. */
export function trouble(level: Finding[0], what: string, why: string | null): readonly Finding[] {
  return why === null ? [] : [[level, `${what}: ${why}`]];
}
