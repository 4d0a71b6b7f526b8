import { lockHome } from '../../adapters/home/home-lock.js';
import { FileVault } from '../../adapters/vault/file-vault.js';
import { EventAppender } from '../../app/journal/event-appender.js';
import type { JournalAddress } from '../../domain/config/journal-address.js';
import type { SaveDeps } from '../../app/settings/save.js';
import { existingHome, settle, withProvenJournal, type CliContext, type GlobalFlags } from './context.js';
import { masterKeySource } from './master-key.js';
import { absolutePath } from './paths.js';
import { LOCAL_USER } from './reason-option.js';
import { timeOfHome } from './time-of-home.js';

export interface VaultFlags extends GlobalFlags {
  readonly masterKeyFile?: string;
}

/** The vault of a home; nothing is decrypted yet. */
export function vaultOf(context: CliContext, flags: VaultFlags): FileVault {
  const { paths } = existingHome(context, flags);
  const given = flags.masterKeyFile;
  const masterKeyFile =
    given === undefined ? masterKeySource(context, paths.home).file() : absolutePath(given, '--master-key-file');
  return new FileVault({ paths: paths.storage, clock: context.clock, masterKeyFile });
}

/** A command that changes the vault. */
interface VaultWork {
  readonly command: string;
  /** Why the bot must be down. */
  readonly why?: string;
  /** The journal by other credentials than those in the vault. */
  readonly address?: JournalAddress;
}

/** Runs `work` on the vault of a home in which no bot runs, at the time of its world. Throws HOME_IN_USE and what `work` throws. */
export async function withVault<T>(
  context: CliContext,
  flags: VaultFlags,
  { command, why, address }: VaultWork,
  work: (deps: SaveDeps) => Promise<T>,
): Promise<T> {
  const home = existingHome(context, flags);
  const { environment, version: versionTag } = context;
  const lock = lockHome({
    ...{ paths: home.paths, command, pid: environment.pid, clock: context.clock },
    ...(why === undefined ? {} : { why }),
  });
  try {
    settle(context, home.paths);
    return await withProvenJournal(
      context,
      home,
      async (journal) => {
        const vault = vaultOf(context, flags);
        vault.tidy();
        const clock = await timeOfHome(context, home, journal);
        const appender = new EventAppender({ journal, clock, identity: home.identity, actor: LOCAL_USER });
        return work({ vault, journal, appender, clock, versionTag });
      },
      address,
    );
  } finally {
    lock.release();
  }
}
