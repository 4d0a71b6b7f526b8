import { bookAdjustingEntry, type AdjustmentMade } from '../../app/manual-entries/adjusting-entry.js';
import { bookFloat, type FloatBooked } from '../../app/manual-entries/float-entry.js';
import { decideConfirmation, type ConfirmationMade } from '../../app/manual-entries/entry-confirmation.js';
import { resolveMismatch, type MismatchResolved } from '../../app/manual-entries/mismatch-resolution.js';
import { openCore } from '../../composition/engine-core.js';
import { homeJournalAddress } from '../../composition/home-journal-address.js';
import { leftOutBy } from '../../composition/refused-events.js';
import { homePaths } from '../../domain/home/home-paths.js';
import { composeBotIdentity } from '../../kernel/identity.js';
import { epochMs, type Clock } from '../../kernel/time.js';
import type { ChildInit, WorkerTask } from '../ipc/messages.js';
import { notProvisioned } from './not-provisioned.js';

type ManualEntryTask = Extract<WorkerTask, { readonly task: 'float' | 'adjust' | 'mismatch' | 'confirm-entry' }>;

/** Books a manual entry while the bot runs: at the time of its world, after every event that is there. */
export async function bookManualEntry(
  { home, identityParts, versionTag, masterKeyFile }: ChildInit,
  task: ManualEntryTask,
  clock: Clock,
): Promise<FloatBooked | AdjustmentMade | MismatchResolved | ConfirmationMade> {
  if (identityParts === null) throw notProvisioned(home);
  const identity = composeBotIdentity(identityParts);
  const paths = homePaths(home, identity);
  const address = homeJournalAddress({ storage: paths.storage, clock, masterKeyFile });
  const core = await openCore({ paths, identity, identityParts, versionTag, address });
  try {
    core.clock.advanceTo(epochMs(Math.max(clock.now(), core.state.lastRecordedAt ?? 0)));
    if (task.task === 'float') return await bookFloat(core, task.request, task.actor);
    if (task.task === 'mismatch') return await resolveMismatch({ ...core, now: clock }, task.request, task.actor);
    if (task.task === 'confirm-entry') {
      return await decideConfirmation({ ...core, now: clock }, task.request, task.actor);
    }
    const leftOut = (): Promise<readonly string[]> => Promise.resolve(leftOutBy(paths));
    return await bookAdjustingEntry({ ...core, leftOut, now: clock }, task.request, task.actor);
  } finally {
    await core.journal.close();
  }
}
