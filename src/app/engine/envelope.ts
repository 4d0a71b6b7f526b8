import { currentVersion, type Actor, type NewEvent, type StreamName } from '../../events/event.js';
import { deedId, factId } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { toUtcText, type Clock, type DateText } from '../../kernel/time.js';
import type { Draft } from './action.js';

export interface Envelope {
  readonly stream: StreamName;
  readonly revision: number;
  readonly actor: Actor;
  readonly sessionDate: DateText | null;
  /** What tells deeds of one stream, revision and millisecond apart when several may write there. */
  readonly writer?: string;
}

/** The event of a draft (JRN-10): a fact of the world is named after itself, a deed of the bot after its place. */
export function eventOf(
  { clock, identity }: { readonly clock: Clock; readonly identity: BotIdentity },
  { stream, revision, actor, sessionDate, writer }: Envelope,
  draft: Draft,
): NewEvent {
  const now = clock.now();
  const place = [identity, stream, String(revision), ...(writer === undefined ? [] : [writer])];
  return {
    id: draft.fact === undefined ? deedId(now, ...place) : factId(...draft.fact),
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
