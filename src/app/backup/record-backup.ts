import { currentVersion, type Actor, type EventData, type NewEvent } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import { commandEventId } from '../../kernel/hash.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import { STREAMS } from '../../events/streams.js';

export type BackupOutcome =
  | { readonly type: 'BackupCompleted'; readonly data: EventData<'BackupCompleted'> }
  | { readonly type: 'BackupFailed'; readonly data: EventData<'BackupFailed'> };

const ATTEMPTS = 5;

/**
 * Records how a backup ended. Anybody may make one while an engine runs, so the stream is nobody's alone: another one
 * that came first is seen, and the event takes the next revision.
 */
export async function recordBackup(
  parts: { readonly journal: Journal; readonly identity: BotIdentity; readonly clock: Clock; readonly actor?: Actor },
  outcome: BackupOutcome,
): Promise<void> {
  const { journal, identity, clock } = parts;
  for (let attempt = 1; ; attempt += 1) {
    const [last] = await journal.readStream(STREAMS.backup, { direction: 'backwards', limit: 1 });
    const revision = last === undefined ? 0 : last.revision + 1;
    const now = clock.now();
    const event = {
      id: commandEventId(now, identity, STREAMS.backup, String(revision)),
      schemaVersion: currentVersion(outcome.type),
      occurredAt: toUtcText(now),
      meta: {
        correlationId: 'backup',
        causationId: null,
        actor: parts.actor ?? 'user:local',
        botIdentity: identity,
        sessionDate: null,
      },
      ...outcome,
    } satisfies NewEvent;
    try {
      await journal.append(STREAMS.backup, [event], { expectedRevision: last?.revision ?? 'noStream' });
      return;
    } catch (error) {
      const overtaken =
        error instanceof TradeBotError && ['WRONG_EXPECTED_REVISION', 'EVENT_ID_CONFLICT'].includes(error.code);
      if (!overtaken || attempt === ATTEMPTS) throw error;
    }
  }
}
