import type { EngineState } from '../../domain/session/engine-state.js';
import { LONGEST_REASON, manualReason } from '../../domain/risk/protections.js';
import type { Draft } from '../../events/draft.js';
import type { Actor, EventType, RecordedEvent, StreamName } from '../../events/event.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { EngineAppender } from '../journal/engine-appender.js';

/** What books a manual entry; the state is that of the appender. */
export interface ManualEntryParts {
  readonly state: EngineState;
  readonly appender: Pick<EngineAppender, 'follow' | 'decide'>;
  readonly journal: Pick<Journal, 'readStream'>;
  readonly clock: Clock;
}

/** The id of a request: letters, digits and dashes, made by who asks. */
export const REQUEST_ID = /^[A-Za-z0-9-]{8,64}$/;

/** Throws BAD_REQUEST_ID. */
export function parseRequestId(text: string): string {
  if (REQUEST_ID.test(text)) return text;
  throw configError({
    code: 'BAD_REQUEST_ID',
    message: `"${text.slice(0, 64)}" is not the id of a request`,
    remedy: 'Repeat the id as it was printed: 8 to 64 letters, digits and dashes.',
  });
}

/** The reason of a manual action, as recorded in the journal. Throws REASON_MISSING. */
export function parseReason(text: string): string {
  const reason = manualReason(text);
  if (reason !== undefined) return reason;
  throw configError({
    code: 'REASON_MISSING',
    message: 'a reason is required',
    remedy: `Give a reason (--reason "<why>") of 3 to ${LONGEST_REASON} characters; it is kept in the journal.`,
  });
}

/** Whether an earlier call with this id has booked something: what a form says of the present does not hold for that. */
export async function isRecorded(
  journal: Pick<Journal, 'readStream'>,
  stream: StreamName,
  requestId: string,
): Promise<boolean> {
  const id = naturalKeyId(...keyOf(stream, requestId));
  return (await journal.readStream(stream)).some((event) => event.id === id);
}

function keyOf(stream: StreamName, requestId: string): readonly string[] {
  return ['manual-entry', stream, requestId];
}

/** One event of a person, once for each id of a request. */
export interface ManualEntry<T extends EventType> {
  readonly type: T;
  readonly stream: StreamName;
  readonly requestId: string;
  readonly actor: Actor;
  /** Whether a recorded event is this entry. */
  readonly isSame: (event: RecordedEvent<T>) => boolean;
  /**
   * The event for the newest state, or several of one append of which it is the last; throws what the entry is refused for.
   */
  readonly decide: () => Draft | readonly Draft[];
}

/**
 * Records the entry, or finds it recorded by an earlier call with the same id. Throws REQUEST_ID_USED when that recorded
 * something else, what `decide` throws, and what the journal throws.
 */
export async function recordOnce<T extends EventType>(
  { appender, journal }: ManualEntryParts,
  entry: ManualEntry<T>,
): Promise<{ readonly event: RecordedEvent<T>; readonly repeated: boolean }> {
  const { type, stream, requestId, actor } = entry;
  const naturalKey = keyOf(stream, requestId);
  const id = naturalKeyId(...naturalKey);
  const recorded = async (): Promise<RecordedEvent<T> | undefined> => {
    const found = (await journal.readStream(stream)).find((event) => event.id === id && event.type === type);
    return found as RecordedEvent<T> | undefined;
  };
  const before = await recorded();
  if (before !== undefined) {
    if (!entry.isSame(before)) throw idUsed(requestId);
    return { event: before, repeated: true };
  }
  await appender.follow();
  try {
    await appender.decide(stream, () => withKey([entry.decide()].flat(), naturalKey), actor);
  } catch (error) {
    // the same request was booked by another process just now
    if (!(error instanceof TradeBotError) || error.code !== 'EVENT_ID_CONFLICT') throw error;
  }
  const after = await recorded();
  if (after === undefined || !entry.isSame(after)) throw idUsed(requestId);
  return { event: after, repeated: false };
}

function withKey(drafts: readonly Draft[], naturalKey: readonly string[]): readonly Draft[] {
  return drafts.map((draft, at) => (at === drafts.length - 1 ? { ...draft, naturalKey } : draft));
}

function idUsed(requestId: string): TradeBotError {
  return configError({
    code: 'REQUEST_ID_USED',
    message: `the request ${requestId} has booked another entry`,
    remedy: 'Leave --request out for a new entry. Nothing was recorded by this call.',
  });
}
