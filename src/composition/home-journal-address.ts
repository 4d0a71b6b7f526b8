import { statSync } from 'node:fs';
import { FileVault } from '../adapters/vault/file-vault.js';
import { EMBEDDED, type JournalAddress } from '../domain/config/journal-address.js';
import type { BasePaths } from '../domain/home/home-paths.js';
import { TradeBotError } from '../kernel/errors.js';
import type { Clock } from '../kernel/time.js';
import type { Vault } from '../ports/vault.js';

export interface AddressOptions {
  readonly storage: BasePaths['storage'] & { readonly journalDb: string };
  readonly clock: Clock;
  readonly masterKeyFile: string | null;
}

/**
 * Where the journal of a home is, by its vault; a home without one keeps it in its file. Decrypts nothing but the file of
 * that address. Throws what the vault throws.
 */
export function homeJournalAddress({ storage, clock, masterKeyFile }: AddressOptions): JournalAddress {
  return addressIn(new FileVault({ paths: storage, clock, masterKeyFile }), storage);
}

/** As `homeJournalAddress`, for a process that has its part of the vault open. */
export function addressIn(
  vault: Pick<Vault, 'generation' | 'journalAddress'>,
  { journalDb }: AddressOptions['storage'],
): JournalAddress {
  try {
    return vault.generation() === undefined ? EMBEDDED : vault.journalAddress();
  } catch (error) {
    // a vault that does not open must not keep a kill or a reader from the journal in the home
    if (error instanceof TradeBotError && hasEvents(journalDb)) return EMBEDDED;
    throw error;
  }
}

const hasEvents = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
