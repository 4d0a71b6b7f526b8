import { existsSync } from 'node:fs';
import { makeAnchor } from '../../adapters/seal-anchor/anchor-seals.js';
import { openHome } from '../../adapters/home/home.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { JournalAddress } from '../../domain/config/journal-address.js';
import { homePaths } from '../../domain/home/home-paths.js';
import type { BotIdentity, BotIdentityParts } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import type { Journal } from '../../ports/journal.js';
import type { HomeMaker } from '../../ports/provisioning.js';
import { openJournal } from '../../composition/open-journal.js';

/** The home on the disk, for the set-up; the caller (main) holds its lock. */
export class DiskHomeMaker implements HomeMaker {
  constructor(
    private readonly options: {
      readonly dir: string;
      readonly version: string;
      readonly clock: Clock;
      /** Directory outside the home for copies of the seals; empty for none. */
      readonly anchor: string;
    },
  ) {}

  owner(): BotIdentityParts | undefined {
    const { dir, version } = this.options;
    try {
      return openHome({ dir, create: false, version }).identityParts;
    } catch (error) {
      if (error instanceof TradeBotError && error.code === 'HOME_MISSING') return undefined;
      throw error;
    }
  }

  hasJournal(identity: BotIdentity): boolean {
    return this.owner() !== undefined || existsSync(homePaths(this.options.dir, identity).storage.journalDb);
  }

  make(parts: BotIdentityParts): void {
    const { dir, version, anchor } = this.options;
    if (anchor !== '') makeAnchor({ home: dir }, anchor);
    openHome({ dir, identity: parts, create: true, version });
  }

  openJournal(address: JournalAddress, botIdentity: BotIdentity): Promise<Journal> {
    const { dir, clock } = this.options;
    return openJournal(address, { journalDb: homePaths(dir, botIdentity).storage.journalDb, botIdentity, clock });
  }
}
