import type { Draft } from '../../events/draft.js';
import type { Actor, EventData } from '../../events/event.js';
import { STREAMS } from '../../events/streams.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import { EventAppender } from '../journal/event-appender.js';

export type BackupOutcome =
  | { readonly type: 'BackupCompleted'; readonly data: EventData<'BackupCompleted'> }
  | { readonly type: 'BackupFailed'; readonly data: EventData<'BackupFailed'> };

/** Records the result of a backup; another process may be making a backup at the same time. */
export async function recordBackup(
  parts: { readonly journal: Journal; readonly identity: BotIdentity; readonly clock: Clock; readonly actor?: Actor },
  outcome: BackupOutcome,
): Promise<void> {
  const { journal, identity, clock, actor = 'user:local' } = parts;
  const appender = new EventAppender({ journal, identity, clock, actor, idsNameWriter: false });
  const draft: Draft = { ...outcome, correlationId: 'backup', causationId: null };
  await appender.append(STREAMS.backup, [draft]);
}
