import { setPriority } from 'node:os';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { loadSettings } from '../../app/settings/load-settings.js';
import { addressIn } from '../../composition/home-journal-address.js';
import { chainVerifier, openHomeJournal } from '../../composition/open-home-journal.js';
import { homePaths } from '../../domain/home/home-paths.js';
import { configError, TradeBotError } from '../../kernel/errors.js';
import { composeBotIdentity } from '../../kernel/identity.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type { ChildInit, VerifiedJournal } from '../ipc/messages.js';

/** Behind every other process of the bot: the walk may take minutes and nothing waits for it. */
const NICENESS = 10;

/** The default of the setting, for a home whose settings cannot be read by this version. */
const DEFAULT_HOURS = 24;

/** Verifies the chain of the whole journal (JRN-30). Throws what `openHomeJournal` and `verifyWhole` throw. */
export async function verifyJournal(init: ChildInit, clock: Clock): Promise<VerifiedJournal> {
  if (init.identityParts === null) {
    throw configError({
      code: 'NOT_PROVISIONED',
      message: `${init.home} is not set up yet`,
      remedy: 'Complete the setup page first.',
    });
  }
  const identity = composeBotIdentity(init.identityParts);
  const paths = homePaths(init.home, identity);
  stepBack();
  const vault = new FileVault({ paths: paths.storage, clock, masterKeyFile: init.masterKeyFile });
  const journal = await openHomeJournal({ paths, identity, clock, address: addressIn(vault, paths.storage) });
  try {
    const head = await journal.head();
    await chainVerifier(paths, journal).verifyWhole();
    const upTo = head === undefined ? null : { position: head.position, at: toUtcText(clock.now()) };
    return { everyHours: hoursOf(vault, init.versionTag), upTo };
  } finally {
    await journal.close();
  }
}

function hoursOf(vault: FileVault, versionTag: string): number {
  try {
    return loadSettings(vault, versionTag).JOURNAL_VERIFY_HOURS;
  } catch (error) {
    if (error instanceof TradeBotError) return DEFAULT_HOURS;
    throw error;
  }
}

function stepBack(): void {
  try {
    setPriority(NICENESS);
  } catch {
    // A system that does not let a process step back: it only costs the others some of the processor.
  }
}
