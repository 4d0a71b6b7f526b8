import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import type { Journal } from './journal.js';

/** What the set-up of a home (SEC-6) needs of the disk. */
export interface HomeMaker {
  /** The codes that the home was made for; undefined before. Throws what an unreadable marker throws. */
  owner(): BotIdentityParts | undefined;
  /** True when a journal may be there: a home that traded without a vault must not be set up. */
  hasJournal(identity: BotIdentity): boolean;
  /** Makes the tree and the marker, or opens what is there; throws HOME_OTHER_BOT, HOME_NOT_WRITABLE. */
  make(parts: BotIdentityParts): void;
  openJournal(url: string, identity: BotIdentity): Promise<Journal>;
}

/** A database of the home that is not a projection (SEC-10). */
export interface HomeDatabase {
  readonly name: string;
  /** Makes it with its schema, or checks the schema of the one that is there. */
  make(): void;
}

export interface ProvisioningProgress {
  readonly state: 'running' | 'done' | 'failed';
  /** 0 to 100. */
  readonly percent: number;
  readonly step: string;
  /** What was made, without values; or what went wrong. */
  readonly text: string;
  readonly remedy: string | null;
  readonly code: string | null;
}

/** provisioning.log and provisioning_status.json. Never gets a value of the form. */
export interface ProgressReport {
  report(progress: ProvisioningProgress): void;
}
