import { dropStaged, keepEvidence, removeDatabases } from '../adapters/backup/restore.js';
import { CopiedEvents } from '../adapters/journal-sqlite/copied-events.js';
import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { EventAppender } from '../app/journal/event-appender.js';
import type { JournalAddress } from '../domain/config/journal-address.js';
import { STREAMS } from '../events/streams.js';
import { journalError } from '../kernel/errors.js';
import { parseUtcText, toUtcText } from '../kernel/time.js';
import { hasGap } from './move-journal.js';
import { openJournal } from './open-journal.js';
import { derivedFrom, type PreparedRestore, type RestoreBy, type RestoredHome } from './restore-home.js';

/** A home whose journal is on a server. */
export interface ServerHome extends RestoredHome {
  readonly address: JournalAddress;
}

/**
 * Brings the events of a backup to a server on which the bot has none, and records the restore as the event after them.
 * The journal there counts as unfinished until then; the same call continues a restore that was cut off. Throws JournalError
 * `JOURNAL_NOT_EMPTY` (refuse) when the server has other events of the bot.
 */
export async function restoreToServer(
  home: ServerHome,
  { backup, facts, files, folder }: PreparedRestore,
  by: RestoreBy,
): Promise<void> {
  const { paths, identity, address, clock } = home;
  const { count, eventsDigest, recordedAt } = backup;
  const id = `restore-${backup.sha256.slice(0, 16)}`;
  const inJournal = new VirtualClock(parseUtcText(recordedAt));
  const journal = await openJournal(address, {
    journalDb: paths.storage.journalDb,
    botIdentity: identity,
    clock: inJournal,
  });
  const events = new CopiedEvents(backup.path);
  try {
    const gap = events.gap();
    if (gap !== undefined) throw hasGap(gap);
    const source = { count, eventsDigest, all: () => events.all() };
    await journal.relocation?.importEvents(id, source, 'JournalRestored');
    const there = await journal.verify();
    if (!there.ok) throw damaged(address, there.message);
    if (there.count === count) {
      const data = { ...facts, ...by, restoredAt: toUtcText(clock.now()) };
      const draft = { type: 'JournalRestored', data, correlationId: 'restore', causationId: null } as const;
      await new EventAppender({ journal, identity, clock: inJournal, actor: 'user:local' }).append(STREAMS.backup, [
        draft,
      ]);
    }
    keepEvidence(files, folder);
    removeDatabases(derivedFrom(paths));
    dropStaged(paths);
    await journal.relocation?.finish(id);
  } finally {
    events.close();
    await journal.close();
  }
}

function damaged({ url }: JournalAddress, why: string): Error {
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `the journal on ${url} is damaged after the restore: ${why}`,
    remedy: 'Another program writes to the streams of this bot. Restore to another server, or into the home.',
  });
}
