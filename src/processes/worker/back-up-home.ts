import type { Backup } from '../../adapters/backup/back-up.js';
import { copiesIn, removeCopies } from '../../adapters/backup/prune.js';
import { recordBackup } from '../../app/backup/record-backup.js';
import { surplusCopies } from '../../app/backup/retention.js';
import { copyHomeJournal } from '../../composition/copy-home-journal.js';
import type { Actor } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { HomePaths } from '../../domain/home/home-paths.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';

export interface BackUpHomeOptions {
  readonly paths: HomePaths;
  readonly journal: Journal;
  readonly identity: BotIdentity;
  readonly clock: Clock;
  /** A person who asked, and the folder that no rule prunes; left out: the copy after a session. */
  readonly actor?: Actor;
  readonly folder?: string;
}

/** A verified backup of the journal, with its result recorded in the journal; deletes surplus older ones (OUT-6). */
export async function backUpHome(options: BackUpHomeOptions): Promise<Backup> {
  const { paths, actor = 'system:worker', folder = paths.sessionBackups, ...home } = options;
  const parts = { ...home, actor };
  let made: Backup;
  try {
    made = await copyHomeJournal({ ...home, paths, folder, pid: process.pid });
  } catch (error) {
    if (error instanceof TradeBotError) {
      const { code, message } = error;
      await recordBackup(parts, { type: 'BackupFailed', data: { code, message } });
    }
    throw error;
  }
  const { name, position, count, headHash, sha256, bytes } = made.manifest;
  await recordBackup(parts, { type: 'BackupCompleted', data: { name, position, count, headHash, sha256, bytes } });
  if (folder === paths.sessionBackups) removeCopies(folder, surplusCopies(copiesIn(folder)));
  return made;
}
