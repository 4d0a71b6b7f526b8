import { currentVersion, type Actor, type NewEvent, type StreamName } from '../../events/event.js';
import { commandEventId, naturalKeyId } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { toUtcText, type Clock, type DateText } from '../../kernel/time.js';
import type { Draft } from '../../events/draft.js';

export interface Envelope {
  readonly stream: StreamName;
  readonly revision: number;
  readonly actor: Actor;
  readonly sessionDate: DateText | null;
  /** Separates the ids of several writers in one stream, revision and millisecond. */
  readonly writer?: string;
}

/**
 * Makes the event of a draft: its id comes from the natural key, otherwise from its time and stream position (JRN-10).
 */
export function eventOf(
  { clock, identity }: { readonly clock: Clock; readonly identity: BotIdentity },
  { stream, revision, actor, sessionDate, writer }: Envelope,
  draft: Draft,
): NewEvent {
  const now = clock.now();
  const place = [identity, stream, String(revision), ...(writer === undefined ? [] : [writer])];
  return {
    id: draft.naturalKey === undefined ? commandEventId(now, ...place) : naturalKeyId(...draft.naturalKey),
    type: draft.type,
    schemaVersion: currentVersion(draft.type),
    occurredAt: toUtcText(draft.occurredAt ?? now),
    data: draft.data,
    meta: {
      correlationId: draft.correlationId,
      causationId: draft.causationId,
      actor,
      botIdentity: identity,
      sessionDate,
    },
  } as NewEvent;
}
