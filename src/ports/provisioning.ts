import type { JournalAddress } from '../domain/config/journal-address.js';
import type { BotIdentity, BotIdentityParts } from '../kernel/identity.js';
import type { Journal } from './journal.js';

/** File operations of the setup of a home (SEC-6). */
export interface HomeMaker {
  /** The identity codes of the home; undefined before the setup. Throws when the marker is unreadable. */
  owner(): BotIdentityParts | undefined;
  /** True when a journal may exist: a home that traded without a vault must not be set up. */
  hasJournal(identity: BotIdentity): boolean;
  /** Creates the folders and the marker, or opens the existing ones; throws HOME_OTHER_BOT, HOME_NOT_WRITABLE. */
  make(parts: BotIdentityParts): void;
  openJournal(address: JournalAddress, identity: BotIdentity): Promise<Journal>;
}

/** A database of the home that is not a projection (SEC-10). */
export interface HomeDatabase {
  readonly name: string;
  /** Creates the database with its schema, or checks the schema of the existing one. */
  make(): void;
}

export interface ProvisioningProgress {
  readonly state: 'running' | 'done' | 'failed';
  /** 0 to 100. */
  readonly percent: number;
  readonly step: string;
  /** Result of the step, without values, or the failure. */
  readonly text: string;
  readonly remedy: string | null;
  readonly code: string | null;
}

/** provisioning.log and provisioning_status.json. Never receives a value of the form. */
export interface ProgressReport {
  report(progress: ProvisioningProgress): void;
}
