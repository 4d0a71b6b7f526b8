import type { RecordedEvent } from '../../events/event.js';
import type { DateText, UtcText } from '../../kernel/time.js';

/** A change that waits for the next session, as the journal has it. */
export interface RecordedPending {
  /** Null for a secret. */
  readonly to: string | null;
  /** Keyed digest of the value of a secret. */
  readonly digest: string | null;
  readonly session: DateText;
  readonly since: UtcText;
  readonly actor: string;
  readonly reason: string;
}

export type RecordedPendings = Readonly<Record<string, RecordedPending>>;

/** The changes that wait after the event: a change in force, and a withdrawn one, wait no longer. */
export function pendingAfter(pending: RecordedPendings, event: RecordedEvent): RecordedPendings {
  switch (event.type) {
    case 'ConfigChangeDeferred': {
      const { changes, session, reason } = event.data;
      const by = { session, since: event.occurredAt, actor: event.meta.actor, reason };
      const added = changes.map(({ key, to, digest }) => [key, { to, digest: digest ?? null, ...by }] as const);
      return { ...pending, ...Object.fromEntries(added) };
    }
    case 'ConfigChangeWithdrawn':
      return without(pending, event.data.keys);
    case 'ConfigChanged':
      return without(
        pending,
        event.data.changes.map(({ key }) => key),
      );
    default:
      return pending;
  }
}

function without(pending: RecordedPendings, keys: readonly string[]): RecordedPendings {
  if (!keys.some((key) => Object.hasOwn(pending, key))) return pending;
  return Object.fromEntries(Object.entries(pending).filter(([key]) => !keys.includes(key)));
}
